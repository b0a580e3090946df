// What one run of the kit stands on: the started target, what the driver declares, and the other way to the far side.
import { connect, createRegistry } from '@train-ts/core'
import type { Declared, Far, Opened } from './case.js'
import { completeCapabilities } from './capabilities.js'
import { commandTables, dialectQuestion, readDialect } from './commands/table.js'
import type { Commands } from './commands/commands.js'
import { execute } from './exec.js'
import { FarView } from './far-view.js'
import type { FarShared } from './far-view.js'
import { connectionFarSide } from './harness.js'
import type { FarSide, Harness, HarnessTarget } from './harness.js'
import { observeDriver } from './observe.js'
import type { ObservedOpen, ObserveHooks } from './observe.js'

export class Stage implements FarShared {
  readonly harness: Harness
  readonly target: HarnessTarget
  readonly declared: Declared
  #directory: Promise<string> | undefined
  #names = 0

  private constructor(harness: Harness, target: HarnessTarget, declared: Declared) {
    this.harness = harness
    this.target = target
    this.declared = declared
  }

  /** Starts the target, and opens one session to learn what the driver declares. */
  static async start(harness: Harness): Promise<Stage> {
    const target = typeof harness.target === 'function' ? await harness.target() : harness.target
    try {
      return new Stage(harness, target, await declaredBy(harness, target))
    } catch (error) {
      await target.close?.()
      throw error
    }
  }

  get commands(): Commands {
    const { commands, shell } = this.declared
    if (commands === undefined) throw new Error(`The kit has no commands for a shell that is ${shell ?? 'unknown'}.`)
    return commands
  }

  open(options: object = {}, onDial?: ObserveHooks['onDial']): Promise<Opened> {
    return openObserved(this.harness, this.target, options, onDial)
  }

  /** Another way to the far side: the harness's, or a connection of its own. */
  async openFarSide(): Promise<FarSide> {
    return this.target.farSide ?? connectionFarSide((await this.open()).connection)
  }

  /** A path in the run's own directory on the far side, which is made when first asked for. */
  async newPath(far: Far): Promise<string> {
    this.#directory ??= far.text(this.commands.temporaryDirectory)
    const name = String(this.#names += 1)
    return `${await this.#directory}/${name}`
  }

  async close(): Promise<void> {
    const far = new FarView(this)
    await this.#directory?.then((path) => far.text(this.commands.removeTree(path))).catch(() => undefined)
    await far.close()
    await this.target.farSide?.close?.()
    await this.target.close?.()
  }
}

/** Connects as a user does, by URL, through a registry of its own. */
async function openObserved({ driver }: Harness, target: HarnessTarget, options: object, onDial?: ObserveHooks['onDial']): Promise<Opened> {
  let opened: ObservedOpen | undefined
  const registry = createRegistry()
  registry.register(observeDriver(driver, { onOpen: (value) => { opened = value }, ...(onDial === undefined ? {} : { onDial }) }))
  const connection = await connect(target.url, { ...target.options, ...options, registry })
  if (opened === undefined) throw new Error('connect() resolved before the driver had opened a session.')
  return { connection, ...opened }
}

async function declaredBy(harness: Harness, target: HarnessTarget): Promise<Declared> {
  const { connection, session } = await openObserved(harness, target, {})
  try {
    const capabilities = completeCapabilities(session.capabilities)
    const shell = capabilities.shell ?? readDialect((await execute(session, dialectQuestion)).stdout.toString())
    const optional = ['files', 'bulk', 'platform', 'shell', 'forward', 'listen', 'loginCommand'] as const
    return {
      driver: harness.driver,
      capabilities,
      offers: new Set(optional.filter((name) => session[name] !== undefined)),
      shell,
      commands: target.commands ?? commandTables[shell],
    }
  } finally {
    await connection.close()
  }
}
