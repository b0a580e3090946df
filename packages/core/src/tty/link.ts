// Orders to the agent over a line that may lose and damage: numbered, sent again until acknowledged, never more on the way than the far
// side's terminal holds.
import { TransportError } from '../errors.js'
import type { Sum } from './cksum.js'
import { parseFrame } from './frame.js'
import type { Frame } from './frame.js'
import { LineSplitter } from './line-splitter.js'
import type { Line } from './line.js'
import { fragments, numberedOrder, order } from './order.js'
import type { NumberedOrder } from './order.js'
import { longestBurst, Pacing } from './pacing.js'

interface Waiting {
  readonly order: NumberedOrder
  readonly resolve: (number: number) => void
  readonly reject: (error: unknown) => void
}

/** Milliseconds without a byte until orders are sent again. */
const patience = 1500
const noisyPatience = 400
/** Without an answer for so long, and so often asked, the line counts as lost. */
const lostAfter = 20_000
const tries = 10

/** No frame has such a number. */
export const noFrames = [999_999_999, 999_999_999] as const

export interface LinkListener {
  frame(frame: Exclude<Frame, { kind: 'done' | 'noise' | 'alive' }>): void
  /** The next frame of stdout and of stderr that is in turn. */
  expected(): readonly [number, number]
  /** The line has damaged something. */
  damaged(text: string): void
  /** Whatever was asked for has been answered by now, or is lost. */
  answered(): void
  /** What is no frame: kernel messages, wall. */
  noise(text: string): void
  lost(error: Error): void
}

export class Link {
  readonly down: Pacing
  readonly up: Pacing
  readonly #splitter = new LineSplitter()
  /** The number of the first order that waits for its acknowledgement. */
  #first = 1
  #waiting: Waiting[] = []
  #queue: Waiting[] = []
  #cancelTimer: (() => void) | undefined
  #attempt = 0
  #poll = 0
  /** Whether all that was sent stands before the last poll: its answer then tells what was lost. */
  #polled = false
  #lost: Error | undefined
  #frameAt: number

  constructor(readonly line: Line, private readonly listener: LinkListener, rate: number | undefined, start: number, readonly sum: Sum) {
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

  /** Asks for what may have got lost; `ask` false: only for an answer, behind which nothing of what was asked for before can come. */
  poll(ask = true): void {
    const [stdout, stderr] = ask ? this.listener.expected() : noFrames
    this.#poll++
    this.#polled = true
    this.say(order.poll(stdout, stderr, this.#poll, this.down.size))
  }

  /** The far side has said nothing for too long. */
  lose(message: string): void {
    this.#lose(new TransportError('CONNECTION_LOST', message, { hint: 'The console hangs, or something else reads from it. Reset the machine or the line, then connect again.' }))
  }

  /** Leaves the line to somebody else. */
  release(): void {
    this.line.pipe(undefined)
    this.#fail(new TransportError('CONNECTION_CLOSED', 'The connection was closed.'))
  }

  #pump(): void {
    let sent = false
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const onTheWay = this.#waiting.reduce((sum, { order: { text } }) => sum + text.length + 40, 0)
      if (onTheWay > 0 && onTheWay + next.order.text.length + 40 > longestBurst) break
      this.#queue.shift()
      this.#waiting.push(next)
      this.#transmit(this.#waiting.length - 1)
      sent = true
    }
    if (!sent) return
    if (this.up.noisy) this.poll()
    if (this.#cancelTimer === undefined) this.#arm(this.up.noisy ? noisyPatience : patience)
  }

  #transmit(index: number): void {
    const waiting = this.#waiting[index]
    if (waiting === undefined) return
    this.#polled = false
    this.say(numberedOrder(this.#first + index, waiting.order, this.sum))
  }

  #arm(milliseconds: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.line.clock.after(milliseconds, () => { this.#tick() })
  }

  #tick(): void {
    this.#cancelTimer = undefined
    if (this.#waiting.length === 0) return
    // As long as something comes, the answer may be behind it.
    const wait = (this.up.noisy ? noisyPatience / 4 : patience) - this.line.quietFor
    if (wait > 0 && this.#attempt === 0) {
      this.#arm(Math.max(wait, 20))
      return
    }
    this.#attempt++
    if (this.#attempt > tries && this.silentFor > lostAfter) {
      this.lose('The console does not answer any more.')
      return
    }
    // The answer to the poll tells whether they arrived; until then they must not go in other words.
    for (const index of this.#waiting.keys()) this.#transmit(index)
    this.poll()
    this.#arm(this.up.noisy ? noisyPatience + 100 * this.#attempt : Math.min(patience * 2 ** this.#attempt, 5000))
  }

  /** Orders up to `number` are done; all others that were sent are lost, so they may be cut anew. */
  #resend(): void {
    if (this.#waiting.length === 0) return
    this.up.bad()
    const size = Math.max(32, this.up.size)
    this.#waiting = this.#waiting.flatMap((waiting) => {
      const pieces = fragments(waiting.order, size)
      const last = pieces.length - 1
      return pieces.map((piece, index) => index === last ? { ...waiting, order: piece } : { order: piece, resolve: () => undefined, reject: () => undefined })
    })
    // What does not fit goes back to the queue.
    let room = longestBurst
    const fits = this.#waiting.findIndex(({ order: { text } }, index) => (room -= text.length + 40) < 0 && index > 0)
    if (fits > 0) this.#queue.unshift(...this.#waiting.splice(fits))
    for (const index of this.#waiting.keys()) this.#transmit(index)
    this.poll()
    this.#arm(noisyPatience)
  }

  #take(text: string): void {
    for (const line of this.#splitter.push(text)) this.#line(line)
  }

  #line(text: string): void {
    if (text === '' || text === '\r') return
    const frame = parseFrame(text)
    if (frame.kind === 'noise') {
      if (frame.suspect) this.listener.damaged(frame.text)
      else this.listener.noise(frame.text)
      return
    }
    this.#frameAt = this.line.clock.now()
    if (frame.kind === 'done') this.#done(frame.number)
    else if (frame.kind === 'alive') {
      this.#done(frame.number)
      if (frame.poll !== this.#poll) return
      if (this.#polled) this.#resend()
      this.listener.answered()
    } else this.listener.frame(frame)
  }

  #done(number: number): void {
    const count = Math.min(this.#waiting.length, number - this.#first + 1)
    if (count <= 0) return
    const done = this.#waiting.splice(0, count)
    if (this.#attempt === 0) this.up.good()
    this.#attempt = 0
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    for (const [index, { resolve }] of done.entries()) resolve(this.#first + index)
    this.#first += count
    if (this.#waiting.length > 0) this.#arm(this.up.noisy ? noisyPatience : patience)
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
    this.#cancelTimer = undefined
    const left = [...this.#waiting, ...this.#queue]
    this.#waiting = []
    this.#queue = []
    for (const { reject } of left) reject(error)
  }
}
