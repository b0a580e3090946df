import type { Far } from './case.js'
import type { Commands } from './commands/commands.js'
import type { FarSide, HarnessTarget } from './harness.js'

/** What the looks of all lanes share. */
export interface FarShared {
  readonly target: HarnessTarget
  readonly commands: Commands
  openFarSide(): Promise<FarSide>
  newPath(far: Far): Promise<string>
}

/** One lane's look at the far side; opened when somebody first looks. */
export class FarView implements Far {
  readonly #shared: FarShared
  #farSide: Promise<FarSide> | undefined

  constructor(shared: FarShared) {
    this.#shared = shared
  }

  async run(command: string): ReturnType<FarSide['run']> {
    this.#farSide ??= this.#shared.openFarSide()
    return (await this.#farSide).run(command)
  }

  async text(command: string): Promise<string> {
    const { exitCode, stdout } = await this.run(command)
    if (exitCode !== 0) throw new Error(`The far side, seen another way, ended with ${String(exitCode)}: ${command}`)
    return stdout.trimEnd()
  }

  async path(): Promise<string> {
    return this.#shared.newPath(this)
  }

  async gate(): Promise<string> {
    const path = await this.path()
    await this.text(this.#shared.commands.makeGate(path))
    return path
  }

  /** What waits there waits no longer; whoever looks again opens it again. */
  async close(): Promise<void> {
    const farSide = this.#farSide
    this.#farSide = undefined
    // The harness's own is the harness's to close.
    if (this.#shared.target.farSide === undefined) await farSide?.then((opened) => opened.close?.()).catch(() => undefined)
  }
}
