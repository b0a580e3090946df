// The agent's end of a data channel: its own, simple idea of acks and repeats, so that client and agent cannot share a mistake.
import { randomUUID } from 'node:crypto'
import { decodeMessage, encodeMessage } from '../../src/codec/message.js'
import { decodeAcknowledgement, encodeAcknowledgement } from '../../src/codec/payload.js'

export interface AgentChannelHandlers {
  /** To the relay. */
  frame(bytes: Uint8Array): void
  /** False: not now; it is neither acknowledged nor taken, and comes again. */
  payload(payloadType: number, payload: Uint8Array): boolean
}

export class AgentChannel {
  readonly #handlers: AgentChannelHandlers
  readonly #unacknowledged = new Map<number, { readonly bytes: Uint8Array; sent: number }>()
  readonly #early = new Map<number, { readonly kind: number; readonly payload: Uint8Array }>()
  readonly #timer: NodeJS.Timeout
  #nextOut = 0
  #nextIn = 0
  #quiet: (() => void)[] = []

  constructor(handlers: AgentChannelHandlers) {
    this.#handlers = handlers
    this.#timer = setInterval(() => this.#repeat(), 50)
  }

  get inFlight(): number {
    return this.#unacknowledged.size
  }

  send(payloadType: number, payload: Uint8Array): void {
    const sequence = this.#nextOut++
    const bytes = encodeMessage({ type: 'output_stream_data', created: Date.now(), sequence, flags: sequence === 0 ? 1 : 0, id: randomUUID(), payloadType, payload })
    this.#unacknowledged.set(sequence, { bytes, sent: Date.now() })
    this.#handlers.frame(bytes)
  }

  receive(bytes: Uint8Array): void {
    const decoded = decodeMessage(bytes)
    if (!decoded.ok) return
    const { message } = decoded
    if (message.type === 'acknowledge') {
      const ack = decodeAcknowledgement(message.payload)
      if (ack !== undefined) this.#unacknowledged.delete(ack.sequence)
      if (this.#unacknowledged.size < 200) for (const resolve of this.#quiet.splice(0)) resolve()
      return
    }
    if (message.type !== 'input_stream_data') return
    if (message.sequence === this.#nextIn) {
      if (!this.#handlers.payload(message.payloadType, message.payload)) return
      this.#nextIn++
    } else if (message.sequence > this.#nextIn) {
      this.#early.set(message.sequence, { kind: message.payloadType, payload: message.payload })
    }
    this.#acknowledge(message.id, message.sequence)
    for (let next = this.#early.get(this.#nextIn); next !== undefined; next = this.#early.get(this.#nextIn)) {
      this.#early.delete(this.#nextIn++)
      this.#handlers.payload(next.kind, next.payload)
    }
  }

  /** Resolves when few messages wait for their acks: the process is read no faster than the client takes. */
  async room(): Promise<void> {
    while (this.#unacknowledged.size >= 200) await new Promise<void>((resolve) => { this.#quiet.push(resolve) })
  }

  /** All has been acknowledged, or two seconds have passed, as the agent waits. */
  async drained(): Promise<void> {
    for (let waited = 0; this.#unacknowledged.size > 0 && waited < 2_000; waited += 20) await new Promise((resolve) => setTimeout(resolve, 20))
  }

  close(): void {
    clearInterval(this.#timer)
    this.#unacknowledged.clear()
    for (const resolve of this.#quiet.splice(0)) resolve()
  }

  #acknowledge(id: string, sequence: number): void {
    const payload = encodeAcknowledgement({ type: 'input_stream_data', id, sequence })
    this.#handlers.frame(encodeMessage({ type: 'acknowledge', created: Date.now(), sequence: 0, flags: 3, id: randomUUID(), payloadType: 0, payload }))
  }

  #repeat(): void {
    for (const entry of this.#unacknowledged.values()) {
      if (Date.now() - entry.sent > 250) {
        entry.sent = Date.now()
        this.#handlers.frame(entry.bytes)
      }
      return
    }
  }
}
