/** A command line that is no POSIX shell, as data. Its commands have no exit code and no stderr. */
export interface Dialect {
  readonly name: string
  /** Matches the last line when the far side waits for a command. A group `name` is what stays of it when modes change. */
  readonly prompt: RegExp
  /** Sent when the prompt is there, so that answers come in one piece. A dialect that has none of them says so and goes on. */
  readonly setup: readonly string[]
  /** The prompt of somebody who may do everything, and how to become that. */
  readonly privileged?: { readonly prompt: RegExp; readonly command: string }
  /** What in an answer says that the command failed. */
  readonly error: RegExp
  /** Empties a half-typed line. */
  readonly clear: string
  readonly leave: readonly string[]
  /** What asks the far side for its kind, and how the answer is read. */
  readonly version?: { readonly command: string; readonly name: string; readonly family: string; readonly release: RegExp }
  /** Proven on what; else written from documentation. */
  readonly proven?: string
}
