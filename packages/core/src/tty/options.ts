import type { Secret } from '../secret.js'
import type { TtyOptions } from '../driver.js'

/** What the engine takes beside the seam's `TtyOptions`. All of it may be left out. */
export interface TtyEngineOptions extends TtyOptions {
  /** Milliseconds that the far side is given to speak first, before a CR is typed. Default 300; a far side that has just been dialled may need 3,000. */
  readonly greeting?: number
  /** Milliseconds that a login or a boot may take between two signs of life. Default 12,000. */
  readonly patience?: number
  /** Bytes a second that the line carries, where that is known: a slow line gets short frames. */
  readonly rate?: number
  /** 'auto' (default): the full agent, or the small one where the far side has no mkfifo, dd, base64 or setsid. */
  readonly agent?: 'auto' | 'push' | 'lite'
  /** For gear: the password of `enable`. */
  readonly enablePassword?: Secret
  /** Gear: lines sent when the prompt is there, and before the line is left. */
  readonly setup?: readonly string[]
  readonly teardown?: readonly string[]
  /** Gear: what in an answer is an error (reported as a warning record; such a line has no exit code). */
  readonly errorPattern?: RegExp
  /** Own patterns where the usual ones do not fit. */
  readonly loginPrompt?: RegExp
  readonly passwordPrompt?: RegExp
}
