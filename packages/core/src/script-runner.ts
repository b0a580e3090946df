// How core's own layers (files, platform, kill) reach the far side: POSIX scripts, whatever the driver can carry.
import type { Capabilities, ExecEvent } from './driver.js'

/** One script of core's own, to be run by `sh` on the far side. */
export interface ScriptRequest {
  /** ASCII, ends without a newline. Values stand in it quoted by `quotePosix`. It reads the `input` as its stdin. */
  readonly script: string
  /** Bytes for the script's stdin. Only where `inputLimit` allows as many. */
  readonly input?: AsyncIterable<Uint8Array> | Uint8Array | undefined
  /** What the user asked for, for errors: 'stat', 'upload', … */
  readonly operation: string
  readonly signal?: AbortSignal | undefined
  /**
   * It only reads, so that it may run in the connection's resident shell, and again elsewhere when that shell has ended before it ran.
   * Its stderr is not given then.
   */
  readonly isReadOnly?: boolean | undefined
  /** A constant script that runs in front of `script`, in the same shell: functions, and what they find out. Told once to a resident shell. */
  readonly library?: string | undefined
}

export interface ScriptResult {
  readonly exitCode: number | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** The transport lost a part of the output. */
  readonly truncated: boolean
}

export interface ScriptRunner {
  readonly capabilities: Capabilities
  /** Scripts run as another user than the one who logged in: then native file paths must not be used. */
  readonly isElevated: boolean
  /** Bytes of input that can travel beside this script in one exec: 0 where stdin is 'none', Infinity where it is live. */
  inputLimit(script: string): number
  /** Runs to the end and collects. One exec. Rejects only when the outcome is unknown. */
  run(request: ScriptRequest): Promise<ScriptResult>
  /** Output as it arrives; stdout is bytes. `break` stops the script. */
  stream(request: ScriptRequest): AsyncIterable<ExecEvent>
}
