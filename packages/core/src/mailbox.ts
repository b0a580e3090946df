/** Values from many producers for one consumer, in the order in which they were posted. */
export class Mailbox<Value> {
  readonly #values: Value[] = []
  #ended = false
  #wake: (() => void) | undefined

  post(value: Value): void {
    this.#values.push(value)
    this.#wake?.()
  }

  /** After what has been posted. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    for (;;) {
      const value = this.#values.shift()
      if (value !== undefined) yield value
      else if (this.#ended) return
      else {
        await new Promise<void>((resolve) => { this.#wake = resolve })
        this.#wake = undefined
      }
    }
  }
}
