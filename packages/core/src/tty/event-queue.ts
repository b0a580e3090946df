/** Items for one consumer, which may wait for them. */
export class EventQueue<Item> {
  #items: Item[] = []
  #wake: (() => void) | undefined
  #closed = false
  #failed = false
  #failure: unknown

  push(item: Item): void {
    if (this.#closed) return
    this.#items.push(item)
    this.#wake?.()
  }

  /** No more comes. Items that wait are still given. */
  end(): void {
    this.#closed = true
    this.#wake?.()
  }

  /** What waits is still given, then `next` throws. */
  fail(error: unknown): void {
    if (this.#closed) return
    this.#failed = true
    this.#failure = error
    this.end()
  }

  /** Drops what waits, and what comes. */
  discard(): void {
    this.#items = []
    this.#closed = true
    this.#wake?.()
  }

  async next(): Promise<Item | undefined> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) return item
      if (this.#failed) throw this.#failure
      if (this.#closed) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = () => {
          this.#wake = undefined
          resolve()
        }
      })
    }
  }
}
