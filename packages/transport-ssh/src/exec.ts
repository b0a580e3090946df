// One command on one channel, as events.
import type { ExecEvent, ExecRequest } from '@train-ts/core'
import { TransportError } from '@train-ts/core'
import type { ClientChannel } from 'ssh2'
import { failureOf } from './link.js'
import type { Link } from './link.js'
import { leave, startProcess } from './open-channel.js'
import { refusalOf } from './refusal.js'
import { keepLargeWindow } from './ssh2-internals.js'

/** Streams that stay quiet this long after the command's end belong to a child that it left behind. */
const quietTime = 250
/** Held here, beside ssh2's window of 2 MiB, before we stop reading. */
const heldBytes = 1024 * 1024
/** From here on a command counts as a bulk transfer, which a long line needs a large window for. */
const muchOutput = 4 * 1024 * 1024

type Output = Extract<ExecEvent, { data: Uint8Array }>

export async function* exec(link: Link, request: ExecRequest): AsyncGenerator<ExecEvent, void, undefined> {
  const running = await startProcess(link, request.signal, request.command, request.pty, (channel) => new Process(channel, link, request.signal))
  void running.send(request.stdin)
  try {
    while (await running.more()) {
      // Without waiting for what is there already: a chunk is 32 KiB, and each wait costs.
      for (let event = running.take(); event !== undefined; event = running.take()) yield event
    }
    if (link.running <= 1) link.spares.prepare()
    yield { type: 'exit', code: running.exit?.code ?? null, signal: running.exit?.signal ?? null }
  } finally {
    running.leave()
  }
}

/** The command's side of a channel: what it says, in order and one at a time, and what it is told. Stops reading while nobody asks. */
class Process {
  readonly #channel: ClientChannel
  readonly #link: Link
  readonly #signal: AbortSignal
  readonly #events: Output[] = []
  /** How many of them have been taken. */
  #taken = 0
  #held = 0
  #received = 0
  #paused = false
  #open = 2
  #closed = false
  #left = false
  #refusal: TransportError | undefined
  #wake: (() => void) | undefined
  #drained: (() => void) | undefined
  exit: { readonly code: number | null; readonly signal: string | null } | undefined

  constructor(channel: ClientChannel, link: Link, signal: AbortSignal) {
    this.#channel = channel
    this.#link = link
    this.#signal = signal
    channel.on('data', (data: Buffer) => this.#hold({ type: 'stdout', data }))
    channel.stderr.on('data', (data: Buffer) => this.#hold({ type: 'stderr', data }))
    channel.on('end', this.#ended)
    channel.stderr.on('end', this.#ended)
    channel.on('exit', (code: number | null, name?: string) => {
      this.exit = { code, signal: name?.replace(/^SIG/, '') ?? null } // bare, as the protocol has it
      this.#turn()
    })
    channel.on('close', () => {
      link.lastClosed = performance.now()
      this.#closed = true
      this.#turn()
    })
    channel.on('drain', () => this.#drained?.())
    signal.addEventListener('abort', this.#turn)
  }

  readonly #ended = (): void => {
    if (!this.#link.dead) this.#open-- // the end that a lost connection makes is none
    this.#turn()
  }

  readonly #turn = (): void => {
    if (!this.takesInput) this.#drained?.()
    this.#wake?.()
  }

  #hold(event: Output): void {
    if (this.#left) return
    if (!this.#link.heard) {
      this.#link.heard = true
      this.#refusal = refusalOf(Buffer.from(event.data).toString('latin1'), this.#link.user, this.#link.where)
    }
    this.#events.push(event)
    this.#held += event.data.length
    this.#received += event.data.length
    if (this.#received > muchOutput && !this.#paused && this.#held < heldBytes) keepLargeWindow(this.#link.client, this.#channel)
    if (this.#held >= heldBytes && !this.#paused) {
      this.#paused = true
      this.#channel.pause()
      this.#channel.stderr.pause()
    }
    this.#wake?.()
  }

  /** The next event that is there; undefined when one has to wait. */
  take(): ExecEvent | undefined {
    if (this.#signal.aborted || this.#refusal !== undefined) return undefined
    const event = this.#events[this.#taken]
    if (event === undefined) {
      this.#events.length = 0
      this.#taken = 0
      return undefined
    }
    this.#taken++
    this.#held -= event.data.length
    return event
  }

  /** True when there is something to take; false when the command has ended and nothing more is to come. */
  async more(): Promise<boolean> {
    for (;;) {
      if (this.#signal.aborted) throw this.#signal.reason
      if (this.#refusal !== undefined) throw this.#refusal
      if (this.#events.length > 0) return true
      if (this.exit !== undefined && this.#open === 0) return false
      if (this.#closed) {
        const failure = failureOf(this.#link, 'while the command ran')
        if (failure !== undefined) throw failure
        if (this.exit !== undefined) return false
        throw new TransportError('PROTOCOL_ERROR', 'The SSH server closed the channel without saying how the command ended.', { hint: 'It may have run, in part or in full.' })
      }
      if (await this.#quiet()) return false
    }
  }

  /** Waits for something to happen. True when nothing did for a while after the exit. */
  #quiet(): Promise<boolean> {
    return new Promise((settle) => {
      const timer = this.exit === undefined ? undefined : setTimeout(() => this.#wakeWith(settle, true), quietTime)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wakeWith(settle, false)
      }
      if (!this.#paused) return
      this.#paused = false
      this.#channel.resume()
      this.#channel.stderr.resume()
    })
  }

  #wakeWith(settle: (quiet: boolean) => void, quiet: boolean): void {
    this.#wake = undefined
    settle(quiet)
  }

  private get takesInput(): boolean {
    return this.exit === undefined && !this.#closed && !this.#left && !this.#signal.aborted
  }

  /** Sends stdin as it comes. That the command no longer reads is no error; its exit ends the sending. */
  async send(stdin: AsyncIterable<Uint8Array> | undefined): Promise<void> {
    try {
      for await (const chunk of stdin ?? []) {
        if (!this.takesInput) return
        if (chunk.length > 0 && !this.#channel.write(chunk)) await this.#whenDrained()
        if (!this.takesInput) return
      }
      this.#channel.end()
    } catch {
      this.leave() // core's stdin never rejects; another caller's may, and the command must not take a part for the whole
    }
  }

  /** Resolves when more can be written, or nothing needs to be. */
  #whenDrained(): Promise<void> {
    if (!this.takesInput) return Promise.resolve()
    return new Promise((settle) => {
      this.#drained = settle
    })
  }

  /** Leaves the channel to itself: what it still says is dropped. */
  leave(): void {
    this.#left = true
    this.#signal.removeEventListener('abort', this.#turn)
    this.#events.length = 0
    this.#taken = 0
    this.#drained?.()
    this.#link.lastClosed = performance.now()
    leave(this.#channel)
    this.#wake?.()
  }
}
