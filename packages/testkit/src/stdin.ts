// Sources of stdin for the cases.

/** stdin of given chunks. Counts how many were pulled. */
export class Chunks implements AsyncIterable<Uint8Array> {
  readonly #values: readonly Uint8Array[]
  pulled = 0

  constructor(...values: readonly (string | Uint8Array)[]) {
    this.#values = values.map((value) => Buffer.from(value))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const value of this.#values) {
      this.pulled += 1
      yield value
    }
  }
}

/** stdin that is said piece by piece. Whoever pulls waits until something is said or it ends. */
export class Conversation implements AsyncIterable<Uint8Array> {
  readonly #said: Uint8Array[] = []
  #isOver = false
  #wake: () => void = () => undefined

  say(text: string): void {
    this.#said.push(Buffer.from(text))
    this.#wake()
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#said.shift()
      if (next !== undefined) yield next
      else if (this.#isOver) return
      else await new Promise<void>((resolve) => { this.#wake = resolve })
    }
  }
}
