import { MarkedLine } from './marked-line.js'

/** What the far side said through a marked line: the command runs in this process group, or its directory cannot be entered. */
export type Report = { readonly started: number } | { readonly failed: 'cwd' }

/** Takes the one line `<token>+<pid>` or `<token>-cwd` out of a stream, and leaves every other byte as it is. */
export class MarkerFilter {
  readonly #line: MarkedLine
  #report: Report | undefined

  constructor(token: string) {
    this.#line = new MarkedLine(token, /^(?:-cwd|\+[1-9]\d{0,9})$/)
  }

  get report(): Report | undefined {
    return this.#report
  }

  /** The bytes of the chunk, and of what was held back before it, that belong to the command. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#report !== undefined) return chunk
    const { before, line, after } = this.#line.push(chunk)
    if (line === undefined) return before
    this.#report = line === '-cwd' ? { failed: 'cwd' } : { started: Number(line) }
    return before.length === 0 ? after : Buffer.concat([before, after])
  }

  /** What is still held back when the stream ends. */
  flush(): Uint8Array {
    return this.#line.flush()
  }
}
