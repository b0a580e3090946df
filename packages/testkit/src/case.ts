// A rule of the driver contract as plain data: types only.
import type { AnyDriver, Capabilities, Connection, OpenContext, Session } from '@train-ts/core'
import type { Commands } from './commands/commands.js'
import type { FarSide, HarnessTarget } from './harness.js'
import type { Observed, ObserveHooks } from './observe.js'

export interface ConformanceCase {
  /** The id of the rule in docs/driver-contract.md, e.g. 'exec.exit-code'. */
  readonly id: string
  /** The rule, one sentence, word for word as in docs/driver-contract.md. */
  readonly title: string
  /** true, or why this driver need not keep the rule: by what the driver itself declares, never by the caller's choice. Default: true. */
  readonly requires?: Requirement
  run(context: CaseContext): Promise<void>
}

export type Requirement = (declared: Declared) => true | string

/** What a driver says about itself: the only ground for a skip. */
export interface Declared {
  readonly driver: AnyDriver
  /** Of an open session, what was left out filled in. */
  readonly capabilities: Capabilities
  /** The optional parts that its sessions have. */
  readonly offers: ReadonlySet<'files' | 'bulk' | 'platform' | 'shell' | 'forward' | 'listen' | 'loginCommand'>
  /** The far shell's language; asked once where the driver does not say. */
  readonly shell: Capabilities['shell']
  /** Undefined: the kit has no commands for that shell. */
  readonly commands: Commands | undefined
}

/** A connection, and the driver's own session below it. */
export interface Opened {
  readonly connection: Connection
  /** The driver's session, observed: calls to it are counted too. */
  readonly session: Session
  readonly observed: Observed
  /** What the driver's `open` was given. */
  readonly options: object
  readonly context: OpenContext
}

export interface CaseContext {
  readonly declared: Declared
  readonly target: HarnessTarget
  /** The far shell's commands. */
  readonly commands: Commands
  readonly far: Far
  /** A connection that other cases have used or will use; counts of `observed` begin with the case. */
  shared(): Promise<Opened>
  /** A connection of this case alone; closed after it. */
  connect(options?: object, onDial?: ObserveHooks['onDial']): Promise<Opened>
  /** After the case, whatever became of it; the last one first. */
  cleanup(action: () => unknown): void
}

/** The far side, seen by another way. */
export interface Far extends Pick<FarSide, 'run'> {
  /** stdout of a command; throws where it did not end with code 0. */
  text(command: string): Promise<string>
  /** A path in the run's own directory on the far side, at which nothing is yet. */
  path(): Promise<string>
  /** A gate on the far side: whoever waits at it and whoever opens it meet. */
  gate(): Promise<string>
}
