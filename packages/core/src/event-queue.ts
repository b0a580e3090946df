import type { ExecEvent } from './driver.js'

/**
 * From callbacks to the generator of a driver's `exec`: events wait here until they are pulled. `push` returns false while more than `high`
 * bytes wait, and `onDrain` is called when there is room again: pause the far side in between.
 */
export class EventQueue {
  readonly #events: ExecEvent[] = []
  readonly #high: number
  #bytes = 0
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined
  #full = false
  onDrain: (() => void) | undefined

  constructor(high = 1_048_576) {
    this.#high = high
  }

  push(event: ExecEvent): boolean {
    this.#events.push(event)
    if ('data' in event) this.#bytes += event.data.byteLength
    this.#full = this.#bytes > this.#high
    this.#wake?.()
    return !this.#full
  }

  /** After what is waiting. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** After what is waiting; the first error wins. */
  fail(error: Error): void {
    this.#error ??= error
    this.end()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ExecEvent, void, undefined> {
    for (;;) {
      const event = this.#events.shift()
      if (event === undefined) {
        if (this.#ended) break
        await new Promise<void>((resolve) => { this.#wake = resolve })
        this.#wake = undefined
        continue
      }
      if ('data' in event) this.#bytes -= event.data.byteLength
      if (this.#full && this.#bytes <= this.#high / 2) {
        this.#full = false
        this.onDrain?.()
      }
      yield event
    }
    if (this.#error !== undefined) throw this.#error
  }
}
