// Orders to the agent over a line that may lose and damage: numbered, sent again until acknowledged, never more on the way than the far
// side's terminal holds.
import { TransportError } from '../errors.js'
import { parseFrame } from './frame.js'
import type { Frame } from './frame.js'
import { LineSplitter } from './line-splitter.js'
import type { Line } from './line.js'
import { numberedOrder } from './order.js'
import type { NumberedOrder } from './order.js'
import { longestBurst, Pacing } from './pacing.js'

interface Waiting {
  readonly number: number
  readonly text: string
  readonly resolve: (number: number) => void
  readonly reject: (error: unknown) => void
}

/** Milliseconds without a byte until an order is sent again, and how often before the line counts as lost. */
const firstPatience = 1500
const tries = 10

export interface LinkListener {
  frame(frame: Exclude<Frame, { kind: 'done' | 'noise' | 'alive' }>): void
  /** The line has damaged something. */
  damaged(): void
  /** What is no frame: kernel messages, wall. */
  noise(text: string): void
  lost(error: Error): void
}

export class Link {
  readonly down: Pacing
  readonly up: Pacing
  readonly #splitter = new LineSplitter()
  #number = 0
  #waiting: Waiting[] = []
  #queue: (Omit<Waiting, 'number' | 'text'> & { readonly order: NumberedOrder })[] = []
  #cancelTimer: (() => void) | undefined
  #attempt = 0
  #lost: Error | undefined
  #frameAt: number

  constructor(readonly line: Line, private readonly listener: LinkListener, rate: number | undefined, start: number) {
    this.down = new Pacing(rate, start)
    this.up = new Pacing(rate, start)
    this.#frameAt = line.clock.now()
    line.pipe((text) => { this.#take(text) }, (error) => { this.#lose(error) })
  }

  /** Milliseconds since the agent said something that proved itself. */
  get silentFor(): number {
    return this.line.clock.now() - this.#frameAt
  }

  /** Sends one order in its turn; resolves, with its number, when the far side has done it. */
  async send(order: NumberedOrder): Promise<number> {
    if (this.#lost !== undefined) throw this.#lost
    return await new Promise<number>((resolve, reject) => {
      this.#queue.push({ order, resolve, reject })
      this.#pump()
    })
  }

  /** Sends an order that may get lost. */
  say(text: string): void {
    this.#write(this.down.noisy || this.up.noisy ? `\n${text}\n` : `${text}\n`)
  }

  /** The far side has said nothing for too long. */
  lose(message: string): void {
    this.#lose(new TransportError('CONNECTION_LOST', message, { hint: 'The console hangs, or something else reads from it. Reset the machine or the line, then connect again.' }))
  }

  /** Leaves the line to somebody else. */
  release(): void {
    this.#cancelTimer?.()
    this.line.pipe(undefined)
    this.#fail(new TransportError('CONNECTION_CLOSED', 'The connection was closed.'))
  }

  #pump(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const text = numberedOrder(this.#number + 1, next.order)
      const onTheWay = this.#waiting.reduce((sum, { text: { length } }) => sum + length + 1, 0)
      if (onTheWay > 0 && onTheWay + text.length + 2 > longestBurst) return
      this.#queue.shift()
      this.#number++
      this.#waiting.push({ number: this.#number, text, resolve: next.resolve, reject: next.reject })
      this.say(text)
      if (this.#cancelTimer === undefined) this.#arm(firstPatience)
    }
  }

  #arm(patience: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.line.clock.after(patience, () => { this.#again(patience) })
  }

  #again(patience: number): void {
    this.#cancelTimer = undefined
    if (this.#waiting.length === 0) return
    // As long as something comes, the answer may be behind it.
    const wait = patience - this.line.quietFor
    if (wait > 5 && this.#attempt === 0) {
      this.#arm(Math.max(wait, 20))
      return
    }
    this.#attempt++
    if (this.#attempt > tries) {
      this.lose('The console does not answer any more.')
      return
    }
    if (this.#attempt > 1) this.up.bad()
    for (const { text } of this.#waiting) this.#write(`\n${text}\n`)
    this.#arm(this.up.noisy ? 400 + 200 * this.#attempt : Math.min(firstPatience * 2 ** this.#attempt, 5000))
  }

  #take(text: string): void {
    for (const line of this.#splitter.push(text)) this.#line(line)
  }

  #line(text: string): void {
    if (text === '' || text === '\r') return
    const frame = parseFrame(text)
    if (frame.kind === 'noise') {
      if (frame.suspect) this.listener.damaged()
      else this.listener.noise(frame.text)
      return
    }
    this.#frameAt = this.line.clock.now()
    if (frame.kind === 'done') this.#done(frame.number)
    else if (frame.kind !== 'alive') this.listener.frame(frame)
  }

  #done(number: number): void {
    const done = this.#waiting.filter((order) => order.number <= number)
    if (done.length === 0) return
    this.#waiting = this.#waiting.filter((order) => order.number > number)
    if (this.#attempt === 0) this.up.good()
    this.#attempt = 0
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    for (const order of done) order.resolve(order.number)
    if (this.#waiting.length > 0) this.#arm(firstPatience)
    this.#pump()
  }

  #write(text: string): void {
    this.line.write(text).catch((error: unknown) => { if (error instanceof Error) this.#lose(error) })
  }

  #lose(error: Error): void {
    if (this.#lost !== undefined) return
    this.#fail(error)
    this.listener.lost(error)
  }

  #fail(error: Error): void {
    this.#lost ??= error
    this.#cancelTimer?.()
    const left = [...this.#waiting, ...this.#queue]
    this.#waiting = []
    this.#queue = []
    for (const { reject } of left) reject(error)
  }
}
