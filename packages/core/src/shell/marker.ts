/** What the far side said through a marked line: the command runs in this process group, or its directory cannot be entered. */
export type Report = { readonly started: number } | { readonly failed: 'cwd' }

/**
 * Takes the one line `<token>+<pid>` or `<token>-<word>` out of a stream, wherever the chunks break, and leaves every other byte as it
 * is. What cannot be a part of the line is passed on at once. Pure: a value per stream.
 */
export class MarkerFilter {
  readonly #token: Buffer
  #held: Buffer = Buffer.alloc(0)
  #report: Report | undefined

  constructor(token: string) {
    this.#token = Buffer.from(token, 'latin1')
  }

  get report(): Report | undefined {
    return this.#report
  }

  /** The bytes of the chunk, and of what was held back before it, that belong to the command. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#report !== undefined) return chunk
    const data = this.#held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([this.#held, chunk])
    const start = data.indexOf(this.#token)
    if (start === -1) return this.#hold(data, data.length - partial(data, this.#token))
    const end = data.indexOf(0x0a, start)
    if (end === -1) return data.length - start > this.#token.length + 32 ? this.#release(data) : this.#hold(data, start)
    const report = readReport(data.toString('latin1', start + this.#token.length, end).trimEnd())
    if (report === undefined) return this.#release(data)
    this.#report = report
    this.#held = Buffer.alloc(0)
    return Buffer.concat([data.subarray(0, start), data.subarray(end + 1)])
  }

  /** What is still held back when the stream ends. */
  flush(): Uint8Array {
    const held = this.#held
    this.#held = Buffer.alloc(0)
    return held
  }

  #hold(data: Buffer, from: number): Uint8Array {
    this.#held = data.subarray(from)
    return data.subarray(0, from)
  }

  #release(data: Buffer): Uint8Array {
    this.#held = Buffer.alloc(0)
    return data
  }
}

function readReport(word: string): Report | undefined {
  if (word === '-cwd') return { failed: 'cwd' }
  const pid = /^\+([1-9]\d{0,9})$/.exec(word)?.[1]
  return pid === undefined ? undefined : { started: Number(pid) }
}

/** How many of the last bytes of `data` could begin `token`. */
function partial(data: Buffer, token: Buffer): number {
  for (let length = Math.min(token.length - 1, data.length); length > 0; length -= 1) {
    if (data.subarray(data.length - length).equals(token.subarray(0, length))) return length
  }
  return 0
}
