// The stream as the engine uses it: latin1 text in and out, waits that end by what arrives, by quiet, or by a limit of time.
import { TransportError } from '../errors.js'
import type { ShellStream } from '../driver.js'
import type { Clock } from './clock.js'

export interface WaitOptions {
  /** Ends the wait as soon as it is true of everything that has arrived since `clear`. */
  readonly until?: ((text: string) => boolean) | undefined
  /** Ends it when nothing has arrived for so long. */
  readonly quiet?: number | undefined
  /** Like `quiet`, but only after something has arrived since `clear`. */
  readonly quietAfterText?: number | undefined
  /** Ends it in any case. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

/** How a wait ended. */
export type Waited = 'match' | 'quiet' | 'limit'

/** How much of the screen is kept for matching. */
const longestScreen = 64 * 1024

export class Line {
  #screen = ''
  #sink: ((text: string) => void) | undefined
  #lastAt: number
  #wake: (() => void) | undefined
  #failure: TransportError<'CONNECTION_LOST'> | undefined
  #onLost: ((error: TransportError<'CONNECTION_LOST'>) => void) | undefined
  #written: Promise<void> = Promise.resolve()

  constructor(readonly stream: ShellStream, readonly clock: Clock) {
    this.#lastAt = clock.now()
    stream.on('data', (data: Buffer) => { this.#take(data.toString('latin1')) })
    stream.on('error', (error) => { this.#lose(error) })
    stream.on('end', () => { this.#lose(undefined) })
    stream.on('close', () => { this.#lose(undefined) })
    stream.resume() // whoever had it before may have paused it
  }

  /** Everything that has arrived since `clear`; empty while a sink takes it. */
  get screen(): string {
    return this.#screen
  }

  /** Milliseconds since something arrived. */
  get quietFor(): number {
    return this.clock.now() - this.#lastAt
  }

  get failure(): TransportError<'CONNECTION_LOST'> | undefined {
    return this.#failure
  }

  clear(): void {
    this.#screen = ''
  }

  /** Gives everything that has arrived since `clear`, and all that comes, to `sink`; undefined: to the screen. */
  pipe(sink: ((text: string) => void) | undefined, onLost?: (error: TransportError<'CONNECTION_LOST'>) => void): void {
    this.#sink = sink
    this.#onLost = onLost
    if (sink === undefined || this.#screen === '') return
    const text = this.#screen
    this.#screen = ''
    sink(text)
  }

  /** Resolves when the stream takes more. Writes stay in their order. Throws when the line is lost. */
  async write(text: string): Promise<void> {
    this.#check()
    const before = this.#written
    this.#written = before.then(() => this.#writeNow(text))
    await this.#written
    this.#check()
  }

  /** Waits as the options say. Throws the signal's reason, or when the line is lost. */
  async wait(options: WaitOptions): Promise<Waited> {
    const { until, quiet, quietAfterText, limit, signal } = options
    const end = this.clock.now() + limit
    const begin = this.clock.now()
    for (;;) {
      signal?.throwIfAborted()
      if (until?.(this.#screen) === true) return 'match'
      this.#check()
      const now = this.clock.now()
      const quietSince = Math.max(begin, this.#lastAt)
      const quietTime = this.#screen === '' ? quiet : Math.min(quiet ?? Infinity, quietAfterText ?? Infinity)
      const quietEnd = quietTime === undefined ? Infinity : quietSince + quietTime
      if (now >= end) return 'limit'
      if (now >= quietEnd) return 'quiet'
      await this.#event(Math.min(end, quietEnd) - now, signal)
    }
  }

  /** Ends the stream. */
  destroy(): void {
    this.#sink = undefined
    this.#onLost = undefined
    this.stream.destroy()
  }

  async #event(limit: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel()
        signal?.removeEventListener('abort', done)
        this.#wake = undefined
        resolve()
      }
      const cancel = this.clock.after(limit, done)
      signal?.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }

  #take(text: string): void {
    this.#lastAt = this.clock.now()
    if (this.#sink !== undefined) this.#sink(text)
    else this.#screen = (this.#screen + text).slice(-longestScreen)
    this.#wake?.()
  }

  #lose(cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = new TransportError('CONNECTION_LOST', 'The line was closed by the far side.', {
      hint: 'Look at the cable, the console server or the process at the other end, then connect again.', cause,
    })
    this.#wake?.()
    this.#onLost?.(this.#failure)
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  async #writeNow(text: string): Promise<void> {
    if (this.stream.destroyed || !this.stream.writable) return
    if (this.stream.write(Buffer.from(text, 'latin1'))) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.stream.off('drain', done)
        this.stream.off('close', done)
        resolve()
      }
      this.stream.on('drain', done)
      this.stream.on('close', done)
    })
  }
}
