// One command in the agent: its streams, its end, its stdin and its kill.
import type { ExecEvent, ExecRequest } from '../driver.js'
import { pause } from './clock.js'
import { EventQueue } from './event-queue.js'
import { inDirectory, noDirectory } from './exec-errors.js'
import { directoryMissing, parseFrame } from './frame.js'
import type { Frame } from './frame.js'
import type { Link } from './link.js'
import { frameWindow } from './encoder.js'
import { commandPiece, cutEscaped, escapeText, order, runJob } from './order.js'
import { PartFetch } from './part-fetch.js'
import { StreamState } from './stream-state.js'
import type { Chunk } from './stream-state.js'
import { sendStdin } from './stdin-pump.js'

/** Streams that a background child keeps open count as done when they have been quiet for so long after the command's end. */
const quietAfterExit = 250
/** A background child that floods is cut off after so long. */
const floodAfterExit = 1000
/** Without a sign of the agent for so long, and nothing else on the line, the console is lost. */
const lostAfter = 20_000
const killLimit = 5000
const killGrace = 1000
/** A damaged line of so many characters is asked for in parts when it has been damaged again. */
const longLine = 200

export type JobFrame = Exclude<Frame, { kind: 'done' | 'noise' | 'alive' }>

export class Job {
  readonly #events = new EventQueue<ExecEvent | Chunk>()
  readonly #streams = { o: new StreamState('o'), e: new StreamState('e') } as const
  readonly #written = new Map<number, boolean>()
  #onWritten: (() => void) | undefined
  #exit: { readonly code: number; readonly at: number } | undefined
  #ended = false
  #discarding = false
  #directory: string | undefined
  #left: number | undefined
  #parts: PartFetch | undefined
  /** A line that was damaged since something was last asked for. */
  #hurt: string | undefined
  /** Whether an answer to the last question is still awaited. */
  #asking = false
  #cancelTimer: (() => void) | undefined
  #barrierSent = false
  #killing: Promise<boolean> | undefined

  constructor(readonly id: number, private readonly link: Link, private readonly mark: string) {}

  /** The frames of both streams that are next in turn. */
  get expected(): readonly [number, number] {
    return [this.#streams.o.next, this.#streams.e.next]
  }

  /** Whether the far side has nothing of it left to say. */
  get ended(): boolean {
    return this.#ended
  }

  /** Sends the command and its stdin. */
  start(request: ExecRequest): void {
    this.#directory = request.cwd
    const pieces = cutEscaped(escapeText(Buffer.from(inDirectory(request), 'utf8')), Math.min(4000, Math.max(60, this.link.up.size)))
    const ignore = () => undefined // the loss is told by `lost`
    pieces.forEach((text, index) => { this.link.send(commandPiece(text, index === 0)).catch(ignore) })
    this.link.send(runJob(this.id, request.stdin !== undefined, this.link.down.size)).catch(ignore)
    if (request.stdin !== undefined) {
      const done = () => this.#exit !== undefined || this.#ended
      sendStdin(request.stdin, this.link, { done, written: (number, limit) => this.#waitWritten(number, limit) }).catch(ignore)
    }
    this.#watch()
  }

  /** Output and the exit. What has been taken is acknowledged, so that the far side waits for a slow consumer. */
  async *events(): AsyncGenerator<ExecEvent, void, void> {
    for (;;) {
      const event = await this.#events.next()
      if (event === undefined) return
      if ('type' in event) yield event
      else {
        if (event.data.length > 0) yield { type: event.channel === 'o' ? 'stdout' : 'stderr', data: event.data }
        this.#acknowledge(event)
      }
    }
  }

  frame(frame: JobFrame): void {
    switch (frame.kind) {
      case 'data': if (frame.job === this.id) this.#data(frame); break
      case 'exit': if (frame.job === this.id) this.#exited(frame.code); break
      case 'written':
        if (frame.job !== this.id) break
        this.#written.set(frame.number, frame.taken)
        this.#onWritten?.()
        break
      case 'left': if (frame.job === this.id) this.#left = frame.count; break
      case 'part': this.#part(frame); break
    }
  }

  /** The line has damaged something: ask for it, unless an answer is on its way. */
  damaged(text: string): void {
    this.link.down.bad()
    if (this.#hurt === undefined || text.length > this.#hurt.length) this.#hurt = text
    if (!this.#asking) this.#arm(20)
  }

  /** All that was asked for has been answered, or is lost. */
  answered(): void {
    this.#asking = false
    if (this.#ended) return
    if (this.#parts !== undefined || this.#hurt !== undefined || this.#gap() !== undefined) this.#ask()
    else this.#watch()
  }

  lost(error: Error): void {
    this.#cancelTimer?.()
    this.#ended = true
    this.#events.fail(error)
    this.#onWritten?.()
  }

  /** Ends the command and whatever it has started; answers whether nothing is left. What still arrives is dropped. */
  async kill(): Promise<boolean> {
    this.#discarding = true
    this.#events.discard()
    this.#killing ??= this.#kill()
    return await this.#killing
  }

  async #kill(): Promise<boolean> {
    const { clock } = this.link.line
    const begin = clock.now()
    for (let waited = 0; waited < killLimit; waited = clock.now() - begin) {
      if (this.#ended && this.#exit === undefined) return false // lost
      this.#left = undefined
      this.link.say(order.kill(waited < killGrace ? 'TERM' : 'KILL', this.id))
      const answered = clock.now() + (this.link.down.noisy ? 400 : 2500)
      while (this.#left === undefined && clock.now() < answered && !(this.#ended && this.#exit === undefined)) await pause(clock, 10)
      if (this.#left === 0 && this.#exit !== undefined) {
        this.#finish()
        return true
      }
      await pause(clock, waited < 100 ? 20 : 100)
    }
    return false
  }

  #data(frame: Extract<Frame, { kind: 'data' }>): void {
    const stream = this.#streams[frame.channel]
    if (frame.sequence < stream.next) {
      this.#acknowledge({ channel: frame.channel, sequence: stream.acknowledged })
      return
    }
    this.link.down.good()
    for (const chunk of stream.push(frame.sequence, frame.data)) {
      if (this.#discarding) this.#acknowledge(chunk)
      else this.#events.push(chunk)
    }
    this.#settle()
    if (stream.gap && !this.#asking) this.#ask()
  }

  #exited(code: number): void {
    if (this.#exit !== undefined) return
    this.#exit = { code, at: this.link.line.clock.now() }
    this.#onWritten?.()
    this.#settle()
    if (!this.#ended) this.#watch()
  }

  #settle(): void {
    if (this.#ended || this.#exit === undefined || !this.#streams.o.complete || !this.#streams.e.complete) return
    if (this.#exit.code === directoryMissing) this.#events.fail(noDirectory(this.#directory))
    else this.#events.push({ type: 'exit', code: this.#exit.code, signal: null })
    this.#finish()
  }

  #finish(): void {
    this.#ended = true
    this.#cancelTimer?.()
    this.#events.end()
    this.#onWritten?.()
  }

  #acknowledge({ channel, sequence }: Pick<Chunk, 'channel' | 'sequence'>): void {
    if (sequence < 0 || this.#ended) return
    this.#streams[channel].acknowledged = sequence
    this.link.say(order.acknowledge(channel, sequence, this.id))
  }

  /** Looks again when the line is quiet: for the end of streams, for what got lost, for a console that hangs. */
  #watch(): void {
    this.#arm(this.#exit !== undefined ? quietAfterExit : this.link.down.noisy ? 300 : 3000)
  }

  #arm(milliseconds: number): void {
    if (this.#ended) return
    this.#cancelTimer?.()
    this.#cancelTimer = this.link.line.clock.after(milliseconds, () => { this.#look() })
  }

  #look(): void {
    if (this.#ended) return
    const { clock, quietFor } = this.link.line
    const now = clock.now()
    if (this.link.silentFor > lostAfter && (quietFor > lostAfter / 2 || this.link.silentFor > 3 * lostAfter)) {
      this.link.lose('The console does not answer any more; the command may still run.')
      return
    }
    const exited = this.#exit
    if (exited !== undefined && !this.#barrierSent && quietFor < quietAfterExit && now - exited.at < floodAfterExit) {
      this.#arm(Math.max(5, quietAfterExit - quietFor))
      return
    }
    if (exited !== undefined) this.#sendBarrier()
    this.#ask()
  }

  #sendBarrier(): void {
    this.#barrierSent = true
    for (const stream of [this.#streams.o, this.#streams.e]) stream.expect(this.mark)
    this.link.say(order.barrier(this.mark))
  }

  /** Asks for what is missing: the next frames whole, or, of one that the line damages again and again, parts. */
  #ask(): void {
    const stream = this.#gap() ?? this.#hurtStream()
    const hurt = this.#hurt
    this.#hurt = undefined
    this.#asking = true
    // An acknowledgement may have got lost, too: the far side would wait for it.
    for (const each of [this.#streams.o, this.#streams.e]) this.#acknowledge({ channel: each.channel, sequence: each.acknowledged })
    const length = hurt?.length ?? this.link.down.size * 1.4 + 40
    if (stream !== undefined && this.#parts === undefined && stream.asked++ > (length > longLine ? 0 : 4)) {
      this.#parts = new PartFetch(`${stream.channel}${String(stream.next % frameWindow)}`, this.link.down.size)
    }
    if (this.#parts === undefined) this.link.poll()
    else {
      for (const { offset, size } of this.#parts.ask()) this.link.say(order.getPart(this.#parts.slot, offset, size))
      this.link.poll(false)
    }
    this.#arm(this.link.down.noisy ? 400 : this.#exit === undefined ? 3000 : 1000)
  }

  #gap(): StreamState | undefined {
    return [this.#streams.o, this.#streams.e].find((stream) => stream.gap)
  }

  #hurtStream(): StreamState | undefined {
    const channel = this.#hurt?.trimStart().charAt(0)
    return channel === 'o' || channel === 'e' ? this.#streams[channel] : undefined
  }

  #part(part: Extract<Frame, { kind: 'part' }>): void {
    const line = this.#parts?.push(part)
    if (line === undefined) return
    this.#parts = undefined
    const frame = parseFrame(line)
    if (frame.kind === 'data' && frame.job === this.id) this.#data(frame)
  }

  /** Whether the chunk was taken; undefined when the command has ended first, or when it is time to ask again. */
  async #waitWritten(number: number, limit: number): Promise<boolean | undefined> {
    const known = () => this.#written.get(number)
    if (known() === undefined && this.#exit === undefined && !this.#ended) {
      await new Promise<void>((resolve) => {
        const done = () => {
          cancel()
          this.#onWritten = undefined
          resolve()
        }
        const cancel = this.link.line.clock.after(limit, done)
        this.#onWritten = done
      })
    }
    const taken = known()
    if (taken !== undefined) this.#written.delete(number)
    return taken
  }
}
