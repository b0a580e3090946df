import type { CallEvents } from '../call-events.js'
import { wrapDriverError } from '../driver-error.js'
import type { ExecEvent } from '../driver.js'
import { TransportError } from '../errors.js'
import { killTimeout } from '../executor.js'
import { EventQueue } from '../event-queue.js'
import { Demultiplexer } from './demultiplexer.js'
import type { FrameSink } from './demultiplexer.js'

/** Milliseconds without a frame. */
const idleTimeout = 5_000

interface Running extends FrameSink {
  readonly queue: EventQueue
}

/**
 * One `sh -s` on a channel that stays open: frames go in, their output comes out, in order, pipelined. It holds one slot of the gate; `retire` gives it
 * back as soon as nothing runs. When it dies, what was running fails, and what had been sent behind it fails with BUSY: a shell runs one frame after
 * the other, so those have not run.
 */
export class ResidentShell {
  readonly #marker: string
  readonly #frames = new Demultiplexer<Running>()
  readonly #outbox: string[] = []
  readonly #channel: CallEvents
  #count = 0
  #wake: (() => void) | undefined
  #room: Promise<void> | undefined
  #isRetired = false
  #resting: NodeJS.Timeout | undefined
  /** Constant scripts that this shell has been told. */
  readonly libraries = new Set<string>()
  /** Resolves when the channel is closed. */
  readonly done: Promise<void>

  /** `start` opens the channel with this shell's stdin. `marker`: 128 random bits in hex. */
  constructor(marker: string, start: (stdin: AsyncIterable<Uint8Array>) => CallEvents) {
    this.#marker = marker
    this.#channel = start(this.#stdin())
    this.done = this.#read()
  }

  /** False once it has been retired, or has died. */
  get isUsable(): boolean {
    return !this.#isRetired
  }

  get isIdle(): boolean {
    return this.#frames.pending.length === 0
  }

  /** Sends a frame behind those that run; `make` is told the id that must end it. */
  async *run(make: (id: string) => string, streams: FrameSink['streams']): AsyncGenerator<ExecEvent, void, undefined> {
    if (this.#isRetired) throw new TransportError('BUSY', 'The resident shell is closing.')
    this.#count += 1
    const queue = new EventQueue()
    let isLeft = false
    let drained = (): void => undefined
    const frame: Running = {
      id: `${this.#marker}${this.#count.toString(16)}`, streams, queue,
      data: (type, data) => {
        if (!isLeft && !queue.push({ type, data })) this.#room = new Promise((resolve) => { drained = queue.onDrain = resolve })
      },
      end: (code) => {
        queue.push({ type: 'exit', code, signal: null })
        queue.end()
        this.#turn()
        this.#rest()
      },
    }
    clearTimeout(this.#resting)
    this.#frames.add(frame)
    this.#outbox.push(make(frame.id))
    this.#turn()
    try {
      yield* queue
    } finally {
      // What still comes is read, and dropped: the frames behind wait for it.
      isLeft = true
      drained()
      if (this.#frames.pending.includes(frame)) this.#release(frame)
    }
  }

  /** No more frames; the shell ends behind those that were sent. */
  retire(): void {
    this.#isRetired = true
    this.#turn()
  }

  /** Ends it now, with what it runs. */
  async kill(): Promise<void> {
    this.#isRetired = true
    this.#channel.stop(new TransportError('PROTOCOL_ERROR', 'The resident shell was stopped.', { details: { reason: 'resident-shell' } }))
    await this.done
  }

  /** A shell that nobody uses gives its slot back, and no longer keeps this process alive. */
  #rest(): void {
    clearTimeout(this.#resting)
    if (this.isIdle) this.#resting = setTimeout(() => { this.retire() }, idleTimeout).unref()
  }

  /** A frame that has been stopped and does not end would hold those behind it for ever: then the shell goes. */
  #release(frame: Running): void {
    const timer = setTimeout(() => {
      if (this.#frames.pending.includes(frame)) void this.kill()
    }, killTimeout)
    void this.done.then(() => { clearTimeout(timer) })
    timer.unref()
  }

  async *#stdin(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = this.#outbox.splice(0).join('')
      if (next !== '') yield Buffer.from(next, 'utf8')
      else if (this.#isRetired && this.isIdle) return
      else await new Promise<void>((resolve) => { this.#wake = resolve })
    }
  }

  async #read(): Promise<void> {
    let end: TransportError = new TransportError('PROTOCOL_ERROR', 'The resident shell has ended under the command.', { hint: 'Leave out reuseShell: the command gets a process of its own.', details: { reason: 'resident-shell' } })
    try {
      for await (const event of this.#channel) {
        if (event.type === 'stdout' || event.type === 'stderr') this.#frames.push(event.type, event.data)
        if (this.#room !== undefined) await this.#room
        this.#room = undefined
      }
    } catch (error) {
      end = wrapDriverError(error)
    }
    this.#isRetired = true
    clearTimeout(this.#resting)
    const [running, ...waiting] = this.#frames.pending
    running?.queue.fail(end)
    for (const { queue } of waiting) queue.fail(end.code === 'PROTOCOL_ERROR' ? new TransportError('BUSY', 'The resident shell has ended before this ran.') : end)
    this.#turn()
  }

  #turn(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
