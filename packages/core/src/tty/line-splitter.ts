/**
 * Cuts a stream of latin1 text into lines. A line longer than `limit` (no frame is) is given in pieces, so that a flood without line ends
 * cannot fill the memory.
 */
export class LineSplitter {
  #rest = ''

  constructor(private readonly limit = 8192) {}

  push(text: string): readonly string[] {
    const parts = (this.#rest + text).split('\n')
    this.#rest = parts.pop() ?? ''
    if (this.#rest.length > this.limit) {
      parts.push(this.#rest)
      this.#rest = ''
    }
    return parts
  }

  /** What came after the last LF. */
  get rest(): string {
    return this.#rest
  }
}
