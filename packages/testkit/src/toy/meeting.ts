/** Where values change hands, in order: whoever comes first waits for the other. */
export class Meeting {
  readonly #given: { readonly value: string; readonly taken: () => void }[] = []
  readonly #waiting: ((value: string) => void)[] = []

  /** Resolves when somebody has taken it. */
  async give(value: string): Promise<void> {
    const taker = this.#waiting.shift()
    if (taker !== undefined) return taker(value)
    await new Promise<void>((resolve) => { this.#given.push({ value, taken: resolve }) })
  }

  async take(): Promise<string> {
    const next = this.#given.shift()
    if (next === undefined) return new Promise((resolve) => { this.#waiting.push(resolve) })
    next.taken()
    return next.value
  }
}
