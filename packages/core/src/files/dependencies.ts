// What the file layer gets from its connection.
import type { FileOptions } from '../connection.js'
import type { NativeFiles } from '../driver.js'
import type { ScriptRunner } from '../script-runner.js'

export interface FilesDependencies {
  /** Asked for each call: a connection may have opened another session since, and sudo is a matter of the call. */
  readonly runner: (call: Pick<FileOptions, 'sudo'>) => Promise<ScriptRunner>
  /** A file protocol of the driver's own, read for each call (it may be a getter). Not asked for a call under sudo. */
  readonly native: NativeFiles | undefined
  /** Milliseconds, for rates. Default: the process's own monotonic clock. */
  readonly now?: () => number
}

/** What a transfer needs of it. */
export interface Transferring {
  readonly runner: FilesDependencies['runner']
  readonly native: FilesDependencies['native']
  readonly now: () => number
}
