// How long a line's messages may be, by its speed and by what it damages. Rule that was measured: bytes of a frame x error rate <= 0.7.

/** No more than this may be on its way to the far side: a terminal's buffer without a reader holds as much. */
export const longestBurst = 4096

const largest = 3000
const smallest = 24

export class Pacing {
  #size: number
  readonly #ceiling: number
  #bad = 0
  #good = 0

  /** `rate`: bytes a second, where known: a message then takes about a quarter of a second. `start`: what an earlier stage has found to pass. */
  constructor(rate: number | undefined, start = largest) {
    this.#ceiling = Math.round(Math.min(largest, Math.max(96, (rate ?? Infinity) / 4)))
    this.#size = Math.max(smallest, Math.min(this.#ceiling, start))
  }

  /** Bytes in one message, before base64. */
  get size(): number {
    return this.#size
  }

  /** Whether the line has damaged anything lately. */
  get noisy(): boolean {
    return this.#bad > 0 || this.#size < this.#ceiling
  }

  /** A message has arrived whole. Answers whether the size has changed. */
  good(): boolean {
    this.#bad = 0
    this.#good++
    if (this.#good < 20 || this.#size === this.#ceiling) return false
    this.#good = 0
    this.#size = Math.min(this.#ceiling, this.#size * 2)
    return true
  }

  /** A message has not. Answers whether the size has changed. */
  bad(): boolean {
    this.#good = 0
    this.#bad++
    if (this.#bad < 2 || this.#size === smallest) return false
    this.#bad = 0
    this.#size = Math.max(smallest, Math.floor(this.#size / 2))
    return true
  }
}
