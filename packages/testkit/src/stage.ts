// What one run of the kit stands on: the started target, what the driver declares, and the other way to the far side.
import { connect, createRegistry } from '@train-ts/core'
import type { Declared, Far, Opened } from './case.js'
import { completeCapabilities } from './capabilities.js'
import { commandTables, dialectQuestion, readDialect } from './commands/table.js'
import type { Commands } from './commands/commands.js'
import { execute } from './exec.js'
import { connectionFarSide } from './harness.js'
import type { FarSide, Harness, HarnessTarget } from './harness.js'
import { observeDriver } from './observe.js'
import type { ObservedOpen, ObserveHooks } from './observe.js'

export class Stage {
  readonly harness: Harness
  readonly target: HarnessTarget
  readonly declared: Declared
  readonly far: Far
  readonly #farSide: LazyFarSide
  #scratch: Promise<string> | undefined
  #paths = 0

  private constructor(harness: Harness, target: HarnessTarget, declared: Declared) {
    this.harness = harness
    this.target = target
    this.declared = declared
    this.#farSide = new LazyFarSide(() => target.farSide ?? openFarSide(harness, target))
    this.far = {
      run: async (command) => (await this.#farSide.get()).run(command),
      text: (command) => this.#text(command),
      path: () => this.#path(),
      gate: async () => {
        const path = await this.#path()
        await this.#text(this.commands.makeGate(path))
        return path
      },
    }
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

  async close(): Promise<void> {
    if (this.#scratch !== undefined) await this.#scratch.then((path) => this.#text(this.commands.removeTree(path))).catch(() => undefined)
    await this.#farSide.close()
    await this.target.close?.()
  }

  async #text(command: string): Promise<string> {
    const { exitCode, stdout } = await (await this.#farSide.get()).run(command)
    if (exitCode !== 0) throw new Error(`The far side, seen another way, ended with ${String(exitCode)}: ${command}`)
    return stdout.trimEnd()
  }

  async #path(): Promise<string> {
    this.#scratch ??= this.#text(this.commands.temporaryDirectory)
    const directory = await this.#scratch
    this.#paths += 1
    return `${directory}/${String(this.#paths)}`
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

async function openFarSide(harness: Harness, target: HarnessTarget): Promise<FarSide> {
  return connectionFarSide((await openObserved(harness, target, {})).connection)
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

/** Opened when somebody first looks. */
class LazyFarSide {
  readonly #open: () => FarSide | Promise<FarSide>
  #opened: Promise<FarSide> | undefined

  constructor(open: () => FarSide | Promise<FarSide>) {
    this.#open = open
  }

  get(): Promise<FarSide> {
    this.#opened ??= Promise.resolve().then(this.#open)
    return this.#opened
  }

  async close(): Promise<void> {
    await this.#opened?.then((farSide) => farSide.close?.()).catch(() => undefined)
  }
}
