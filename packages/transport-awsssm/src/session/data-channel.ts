// A session's data channel on a real socket: the state machine, its timer, and a new socket when the old one is gone.
import { randomUUID } from 'node:crypto'
import { isTransportError, TransportError } from '@train-ts/core'
import { pause } from '../abort.js'
import { Channel } from '../channel/channel.js'
import type { Effect } from '../channel/channel.js'
import type { SessionApi, Ticket } from './session-api.js'
import type { Socket } from './socket.js'
import { dialSocket } from './socket.js'
import { checkStreamUrl } from './stream-url.js'

export interface DataChannelHandlers {
  /** In order, once. */
  payload(payloadType: number, payload: Uint8Array): void
  /** The last call. `error` is undefined where the far side ended the session in good order. */
  ended(error: TransportError | undefined): void
}

export interface DataChannelParts {
  readonly api: SessionApi
  readonly region: string
  readonly endpoint: string | undefined
}

/** Sent in the opening message. Of the versions that the agent compares, this is one that has everything. */
export const clientVersion = '1.2.707.0'
const tickInterval = 100
const resumeAttempts = 5
/** Bytes in the socket's own buffer beyond which we wait. */
const highWater = 262_144

export class DataChannel {
  readonly #parts: DataChannelParts
  readonly #handlers: DataChannelHandlers
  readonly #ticket: Ticket
  readonly #clientId = randomUUID()
  readonly #channel = new Channel({ wallClock: Date.now, newId: randomUUID })
  readonly #stop = new AbortController()
  readonly #waiting: (() => void)[] = []
  #socket: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #over = false
  #paused = false

  private constructor(parts: DataChannelParts, ticket: Ticket, handlers: DataChannelHandlers) {
    this.#parts = parts
    this.#ticket = ticket
    this.#handlers = handlers
  }

  /** Dials at once: the token is short-lived. Rejects, with the session terminated, where the channel cannot be opened. */
  static async open(parts: DataChannelParts, ticket: Ticket, handlers: DataChannelHandlers, signal: AbortSignal): Promise<DataChannel> {
    const channel = new DataChannel(parts, ticket, handlers)
    try {
      channel.#socket = await channel.#dial(ticket, signal)
      return channel
    } catch (error) {
      await parts.api.terminate(ticket.sessionId)
      throw error
    }
  }

  get sessionId(): string {
    return this.#ticket.sessionId
  }

  /** Nothing that was sent waits for an ack. */
  get settled(): boolean {
    return this.#channel.inFlight === 0
  }

  /** One stream message, of at most 1024 bytes. Resolves when there is room for the next. */
  async send(payloadType: number, payload: Uint8Array): Promise<void> {
    while (!this.#over && (!this.#channel.hasRoom || (this.#socket?.buffered ?? 0) > highWater)) {
      await new Promise<void>((resolve) => { this.#waiting.push(resolve) })
    }
    if (this.#over) throw new TransportError('CONNECTION_LOST', 'The session has ended.')
    this.#apply(this.#channel.send(payloadType, payload, performance.now()))
    this.#arm()
  }

  /** While nobody takes what arrives. */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    this.#socket?.setPaused(paused)
  }

  /** Ends the session for good. */
  async close(): Promise<void> {
    if (!this.#over) this.#end()
    await this.#parts.api.terminate(this.#ticket.sessionId)
  }

  #dial(ticket: Ticket, signal: AbortSignal): Promise<Socket> {
    const url = checkStreamUrl(ticket.streamUrl, this.#parts.region, this.#parts.endpoint)
    const opening = JSON.stringify({ MessageSchemaVersion: '1.0', RequestId: randomUUID(), TokenValue: ticket.token, ClientId: this.#clientId, ClientVersion: clientVersion })
    return dialSocket(url, opening, {
      message: (bytes) => this.#apply(this.#channel.receive(bytes, performance.now())),
      gone: () => void this.#resume(),
    }, signal)
  }

  #apply(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'frame') this.#socket?.send(effect.bytes)
      else if (effect.kind === 'payload') this.#handlers.payload(effect.payloadType, effect.payload)
      else this.#finish(effect.output.trim() === '' ? undefined : new TransportError('CONNECTION_LOST', `The session was ended: ${effect.output.trim().slice(0, 400)}`, { details: { reason: 'channel-closed' } }))
    }
    this.#wake()
  }

  /** The timer runs only while something waits for an ack. */
  #arm(): void {
    if (this.#timer !== undefined || this.#over) return
    this.#timer = setInterval(() => {
      this.#apply(this.#channel.tick(performance.now()))
      if (this.#channel.inFlight === 0 && this.#waiting.length === 0) this.#disarm()
    }, tickInterval)
  }

  #disarm(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #wake(): void {
    if (!this.#over && !this.#channel.hasRoom) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** The socket is gone, the session may not be: a new token, a new socket, and everything goes on where it was. */
  async #resume(): Promise<void> {
    this.#channel.disconnected()
    const { signal } = this.#stop
    let delay = 100 + Math.random() * 100
    for (let attempt = 0; attempt < resumeAttempts && !this.#over; attempt++) {
      try {
        const ticket = await this.#parts.api.resume(this.#ticket.sessionId, signal)
        if (ticket === undefined) break
        this.#socket = await this.#dial(ticket, signal)
        this.#socket.setPaused(this.#paused)
        this.#apply(this.#channel.reconnected(performance.now()))
        return
      } catch (error) {
        if (isTransportError(error, 'PROTOCOL_ERROR')) return this.#finish(error)
        await pause(Math.min(delay, 5_000), signal).catch(() => undefined)
        delay *= 2
      }
    }
    this.#finish(new TransportError('CONNECTION_LOST', 'The session’s data channel is gone, and could not be resumed.', { details: { reason: 'not-resumed' } }))
  }

  #finish(error: TransportError | undefined): void {
    if (this.#over) return
    this.#end()
    this.#handlers.ended(error)
  }

  #end(): void {
    this.#over = true
    this.#stop.abort(new Error('the session has ended'))
    this.#disarm()
    this.#socket?.close()
    this.#wake()
  }
}
