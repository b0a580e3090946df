import type { ExecEvent } from '@train-ts/core'

/** From a program to whoever pulls: a write waits while more than `high` bytes are on their way. */
export class Channel implements AsyncIterable<ExecEvent> {
  readonly #events: ExecEvent[] = []
  #bytes = 0
  #outcome: { readonly error?: Error } | undefined
  #wakeReader: () => void = () => undefined
  #wakeWriters: (() => void)[] = []

  async write(event: Extract<ExecEvent, { readonly data: Uint8Array }>, high = 65_536): Promise<void> {
    this.#events.push(event)
    this.#bytes += event.data.byteLength
    this.#wakeReader()
    while (this.#bytes > high) await new Promise<void>((resolve) => { this.#wakeWriters.push(resolve) })
  }

  end(exit: ExecEvent): void {
    this.#events.push(exit)
    this.#outcome ??= {}
    this.#wakeReader()
  }

  /** What has come is given first. */
  fail(error: Error): void {
    this.#outcome = { error }
    this.#wakeReader()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ExecEvent, void, undefined> {
    for (;;) {
      const event = this.#events.shift()
      if (event === undefined) {
        if (this.#outcome !== undefined) break
        await new Promise<void>((resolve) => { this.#wakeReader = resolve })
      } else if (event.type !== 'exit' || this.#outcome?.error === undefined) {
        if ('data' in event) this.#bytes -= event.data.byteLength
        for (const wake of this.#wakeWriters.splice(0)) wake()
        yield event
      }
    }
    if (this.#outcome.error !== undefined) throw this.#outcome.error
  }
}
