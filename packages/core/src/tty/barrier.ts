// Where a background child keeps a command's streams open, a mark that is sent behind all that the command has written says that all has arrived.

/** Passes bytes on until the mark, which may be cut anywhere; the mark itself and what comes behind it are not output. */
export class Barrier {
  readonly #mark: Buffer
  #held: Buffer = Buffer.alloc(0)
  #found = false

  constructor(mark: string) {
    this.#mark = Buffer.from(mark, 'latin1')
  }

  get found(): boolean {
    return this.#found
  }

  push(data: Uint8Array): Uint8Array {
    if (this.#found) return new Uint8Array(0)
    const bytes = Buffer.concat([this.#held, data])
    const at = bytes.indexOf(this.#mark)
    if (at >= 0) {
      this.#found = true
      this.#held = Buffer.alloc(0)
      return bytes.subarray(0, at)
    }
    const keep = this.#startAtEnd(bytes)
    this.#held = Buffer.from(bytes.subarray(bytes.length - keep))
    return bytes.subarray(0, bytes.length - keep)
  }

  /** What was held back as a possible start of the mark, when it can no longer come. */
  flush(): Uint8Array {
    const held = this.#held
    this.#held = Buffer.alloc(0)
    return held
  }

  /** How many bytes at the end may be the start of the mark. */
  #startAtEnd(bytes: Buffer): number {
    for (let length = Math.min(this.#mark.length - 1, bytes.length); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) return length
    }
    return 0
  }
}
