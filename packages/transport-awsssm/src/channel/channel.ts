// The data channel as a state machine: frames in, effects out. It knows no socket, no clock and no chance; whatever the network does, each
// payload comes out once and in order. Encryption and handshake are the caller's: this part only carries.
import type { ClientMessage, MessageType } from '../codec/message.js'
import { decodeMessage, encodeMessage, payloadType } from '../codec/message.js'
import { decodeAcknowledgement, decodeChannelClosed, encodeAcknowledgement } from '../codec/payload.js'
import type { RoundTrip } from './round-trip.js'
import { firstRoundTrip, measured } from './round-trip.js'

export type Effect =
  /** To be written to the socket. */
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  /** One stream message, in order, once. */
  | { readonly kind: 'payload'; readonly payloadType: number; readonly payload: Uint8Array }
  /** The service has closed the channel; `output` says why, where something went wrong. */
  | { readonly kind: 'closed'; readonly output: string }

export interface ChannelParts {
  /** Epoch milliseconds, for the frames' own date. */
  readonly wallClock: () => number
  /** A random UUID. */
  readonly newId: () => string
  /** Client: input out, output in. An agent has it the other way round. */
  readonly sends?: MessageType
  readonly receives?: MessageType
}

interface Unacknowledged {
  readonly sequence: number
  readonly bytes: Uint8Array
  sent: number
  repeated: boolean
}

/** Frames ahead of the next one that are kept; beyond it they are neither kept nor acknowledged. */
const reorderLimit = 10_000
/** Unacknowledged frames, beyond which `send` should wait. */
const windowLimit = 1_000

export class Channel {
  readonly #parts: Required<ChannelParts>
  readonly #unacknowledged: Unacknowledged[] = []
  readonly #early = new Map<number, ClientMessage>()
  #nextOut = 0
  #nextIn = 0
  #roundTrip: RoundTrip = firstRoundTrip
  #paused = false
  #connected = true
  #closed = false

  constructor(parts: ChannelParts) {
    this.#parts = { sends: 'input_stream_data', receives: 'output_stream_data', ...parts }
  }

  /** False: wait for an ack before sending more. */
  get hasRoom(): boolean {
    return this.#unacknowledged.length < windowLimit
  }

  /** Messages that the peer has not acknowledged. */
  get inFlight(): number {
    return this.#unacknowledged.length
  }

  /** The number of the next message that `send` will use. */
  get nextSequence(): number {
    return this.#nextOut
  }

  get roundTrip(): RoundTrip {
    return this.#roundTrip
  }

  /** One stream message. `now` is a clock that never goes backwards. */
  send(kind: number, payload: Uint8Array, now: number, flags = 0): readonly Effect[] {
    if (this.#closed) return []
    const sequence = this.#nextOut++
    const { wallClock, newId, sends } = this.#parts
    const bytes = encodeMessage({ type: sends, created: wallClock(), sequence, flags, id: newId(), payloadType: kind, payload })
    // Remembered before it is written: on a fast link the ack is quicker than the write's return.
    this.#unacknowledged.push({ sequence, bytes, sent: now, repeated: false })
    return this.#connected && !this.#paused ? [{ kind: 'frame', bytes }] : []
  }

  /** One WebSocket message. What cannot be read is dropped without an ack: the peer sends it again. */
  receive(bytes: Uint8Array, now: number): readonly Effect[] {
    if (this.#closed) return []
    const decoded = decodeMessage(bytes)
    if (!decoded.ok) return []
    const { message } = decoded
    switch (message.type) {
      case this.#parts.receives: return this.#stream(message, now)
      case 'acknowledge': return this.#acknowledged(message, now)
      case 'pause_publication':
        this.#paused = true
        return []
      case 'start_publication': return this.#resume(now)
      case 'channel_closed':
        this.#closed = true
        return [{ kind: 'closed', output: decodeChannelClosed(message.payload) }]
      default: return []
    }
  }

  /** Call it every 100 ms: the oldest message that nobody acknowledged goes again when its time is up. */
  tick(now: number): readonly Effect[] {
    const oldest = this.#unacknowledged[0]
    if (this.#closed || this.#paused || !this.#connected || oldest === undefined || now - oldest.sent <= this.#roundTrip.timeout) return []
    oldest.sent = now
    oldest.repeated = true
    return [{ kind: 'frame', bytes: oldest.bytes }]
  }

  /** The socket is gone: nothing is sent, nothing is lost. */
  disconnected(): void {
    this.#connected = false
  }

  /** A socket is there again; the counters go on. All that is unacknowledged goes again, in order. */
  reconnected(now: number): readonly Effect[] {
    this.#connected = true
    this.#paused = false
    return this.#repeatAll(now)
  }

  #stream(message: ClientMessage, now: number): readonly Effect[] {
    const resumed = this.#resume(now)
    if (message.sequence > this.#nextIn) {
      if (this.#early.size >= reorderLimit && !this.#early.has(message.sequence)) return resumed
      this.#early.set(message.sequence, message)
      return [...resumed, this.#acknowledge(message)]
    }
    // A duplicate is acknowledged again: the peer repeats it until it hears so.
    if (message.sequence < this.#nextIn) return [...resumed, this.#acknowledge(message)]
    const effects: Effect[] = [...resumed, this.#acknowledge(message)]
    for (let next: ClientMessage | undefined = message; next !== undefined; next = this.#early.get(this.#nextIn)) {
      this.#early.delete(next.sequence)
      this.#nextIn++
      effects.push({ kind: 'payload', payloadType: next.payloadType, payload: next.payload })
    }
    return effects
  }

  #acknowledge(message: ClientMessage): Effect {
    const { wallClock, newId } = this.#parts
    const payload = encodeAcknowledgement({ type: message.type, id: message.id, sequence: message.sequence })
    return { kind: 'frame', bytes: encodeMessage({ type: 'acknowledge', created: wallClock(), sequence: 0, flags: 3, id: newId(), payloadType: payloadType.none, payload }) }
  }

  #acknowledged(message: ClientMessage, now: number): readonly Effect[] {
    const resumed = this.#resume(now)
    // By the number in the JSON: the header's is 0 in every ack.
    const sequence = decodeAcknowledgement(message.payload)?.sequence
    const index = this.#unacknowledged.findIndex((one) => one.sequence === sequence)
    const [found] = index === -1 ? [] : this.#unacknowledged.splice(index, 1)
    // Karn: nobody knows which of two copies this ack is for.
    if (found !== undefined && !found.repeated) this.#roundTrip = measured(this.#roundTrip, now - found.sent)
    return resumed
  }

  /** Whatever comes from the peer shows that it is back. */
  #resume(now: number): readonly Effect[] {
    if (!this.#paused) return []
    this.#paused = false
    return this.#repeatAll(now)
  }

  #repeatAll(now: number): readonly Effect[] {
    return this.#unacknowledged.map((one) => {
      one.sent = now
      one.repeated = true
      return { kind: 'frame', bytes: one.bytes }
    })
  }
}
