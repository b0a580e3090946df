/** What `push` found: bytes in front of the line, the line behind the token, and what follows it. */
export interface Found {
  readonly before: Uint8Array
  readonly line: string | undefined
  readonly after: Uint8Array
}

const empty = Buffer.alloc(0)

/**
 * Finds a line that begins, anywhere in the stream, with a random token and goes on as `pattern` says, wherever the chunks break. Every other
 * byte is passed on at once, except a tail that may be the line's beginning. Pure: a value per stream and line.
 */
export class MarkedLine {
  readonly #token: Buffer
  readonly #pattern: RegExp
  readonly #maxLength: number
  #held: Buffer = empty

  /** `maxLength`: bytes behind the token after which it cannot be the line. */
  constructor(token: string, pattern: RegExp, maxLength = 32) {
    this.#token = Buffer.from(token, 'latin1')
    this.#pattern = pattern
    this.#maxLength = maxLength
  }

  push(chunk: Uint8Array): Found {
    const data = this.#held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([this.#held, chunk])
    this.#held = empty
    for (let from = 0; ;) {
      const start = data.indexOf(this.#token, from)
      if (start === -1) return this.#hold(data, data.length - partial(data.subarray(from), this.#token))
      const end = data.indexOf(0x0a, start)
      if (end === -1 && data.length - start <= this.#token.length + this.#maxLength) return this.#hold(data, start)
      const line = end === -1 ? undefined : data.toString('latin1', start + this.#token.length, end).replace(/\r$/, '')
      if (line !== undefined && this.#pattern.test(line)) return { before: data.subarray(0, start), line, after: data.subarray(end + 1) }
      from = start + this.#token.length
    }
  }

  /** What is still held back when the stream ends. */
  flush(): Uint8Array {
    const held = this.#held
    this.#held = empty
    return held
  }

  #hold(data: Buffer, from: number): Found {
    this.#held = data.subarray(from)
    return { before: data.subarray(0, from), line: undefined, after: empty }
  }
}

/** How many of the last bytes of `data` could begin `token`. */
function partial(data: Buffer, token: Buffer): number {
  for (let length = Math.min(token.length - 1, data.length); length > 0; length -= 1) {
    if (data.subarray(data.length - length).equals(token.subarray(0, length))) return length
  }
  return 0
}
