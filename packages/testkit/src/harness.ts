// What an author gives to the kit: types only.
import type { Address, AnyDriver, Connection } from '@train-ts/core'
import type { Commands } from './commands/commands.js'

/** A driver and how to reach something with it. `conformance` of a runner is one call with this. */
export interface Harness {
  /** Stands in the titles: 'ssh, as root'. */
  readonly name: string
  readonly driver: AnyDriver
  /** Where to connect; a function where something has to be started first, such as an emulator: `() => startEmulator()`. */
  readonly target: HarnessTarget | (() => HarnessTarget | Promise<HarnessTarget>)
}

export interface HarnessTarget {
  readonly url: string
  /** The rest of the options, as a user gives them to `connect`. */
  readonly options?: object | undefined
  /** Looks at the far side beside the transport. Default: through a second connection of the same kind. */
  readonly farSide?: FarSide | undefined
  /** The kit's commands in the far side's own language, where its shell is 'none'. */
  readonly commands?: Commands | undefined
  /** An address that the far side reaches and that sends back what it receives. Needed where the driver has `forward`. */
  readonly echo?: Address | undefined
  /** Options with which `open` must fail, beside those that the kit finds itself: a wrong password, a wrong id. */
  readonly refused?: readonly { readonly name: string; readonly url?: string; readonly options?: object }[] | undefined
  /** Stops what was started for this. */
  close?(): unknown
}

/** Another way to the far side, so that nobody has to believe the transport about itself. */
export interface FarSide {
  /** Runs a command of the far shell to its end: exit code and stdout as text. */
  run(command: string): Promise<{ readonly exitCode: number | null; readonly stdout: string }>
  close?(): Promise<void>
}

/** The default far side: a connection of its own. */
export function connectionFarSide(connection: Connection): FarSide {
  return {
    run: async (command) => connection.run(command),
    close: () => connection.close(),
  }
}
