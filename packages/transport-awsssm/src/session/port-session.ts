// A session that carries connections to one address, many at once.
import type { Duplex } from 'node:stream'
import { TransportError } from '@train-ts/core'
import { pause, raceAbort } from '../abort.js'
import { payloadType } from '../codec/message.js'
import { decodeFlag, decodeHandshakeRequest, encodeFlag, flag } from '../codec/payload.js'
import type { SmuxFrame } from '../codec/smux.js'
import { encodeSmux, smuxChunk, smuxCommand, SmuxDecoder } from '../codec/smux.js'
import { clientVersion, DataChannel } from './data-channel.js'
import type { DataChannelParts } from './data-channel.js'
import { answerHandshake } from './handshake.js'
import { PortStream } from './port-stream.js'
import type { Ticket } from './session-api.js'
import { isNewer } from './version.js'

const chunkSize = 1_024
/** The agent's own patience for the handshake is 15 seconds. */
const handshakeTimeout = 20_000
/** The agent does not say that it has connected, only that it could not; a refusal comes at once. */
const refusalWindow = 250

interface Open {
  readonly stream: PortStream
  readonly settled: (error?: TransportError) => void
  full: boolean
  /** Nothing has come from there yet. */
  silent: boolean
}

export class PortSession {
  readonly #streams = new Map<number, Open>()
  readonly #decoder = new SmuxDecoder()
  readonly #address: string
  #channel: DataChannel | undefined
  #ready: (error?: TransportError) => void = () => undefined
  #nextStream = 3
  #refusals = 0
  #sending: Promise<void> = Promise.resolve()
  #failure: TransportError | undefined

  private constructor(address: string) {
    this.#address = address
  }

  static async open(parts: DataChannelParts, ticket: Ticket, address: string, signal: AbortSignal): Promise<PortSession> {
    const session = new PortSession(address)
    const ready = new Promise<void>((resolve, reject) => {
      session.#ready = (error) => (error === undefined ? resolve() : reject(error))
    })
    ready.catch(() => undefined)
    const channel = await DataChannel.open(parts, ticket, {
      payload: (kind, payload) => session.#payload(kind, payload),
      ended: (error) => session.#ended(error ?? new TransportError('CONNECTION_LOST', 'The port session has ended.')),
    }, signal)
    session.#channel = channel
    const timer = setTimeout(() => session.#ready(new TransportError('CONNECT_FAILED', 'The agent began no handshake.', { details: { reason: 'handshake' } })), handshakeTimeout)
    try {
      await raceAbort(ready, signal)
      return session
    } catch (error) {
      await session.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Can open no more streams. */
  get over(): boolean {
    return this.#failure !== undefined
  }

  get streams(): number {
    return this.#streams.size
  }

  /** A new connection. Rejects where the agent says soon that nobody listens there. */
  async connect(signal: AbortSignal): Promise<Duplex> {
    if (this.#failure !== undefined) throw this.#failure
    const id = this.#nextStream
    this.#nextStream += 2
    let settled: Open['settled'] = () => undefined
    const settling = new Promise<void>((resolve, reject) => {
      settled = (error) => (error === undefined ? resolve() : reject(error))
    })
    settling.catch(() => undefined)
    const stream = new PortStream({
      write: (bytes) => this.#push(id, bytes),
      finish: () => void this.#frame({ command: smuxCommand.finish, stream: id, data: new Uint8Array() }).catch(() => undefined),
      setFull: (full) => this.#setFull(id, full),
      forget: () => void this.#streams.delete(id),
    })
    // An error that comes while nobody has the stream yet is this call's own.
    const unheard = (): void => undefined
    stream.on('error', unheard)
    this.#streams.set(id, { stream, settled, full: false, silent: true })
    const stopping = new AbortController()
    try {
      await this.#frame({ command: smuxCommand.open, stream: id, data: new Uint8Array() })
      await raceAbort(Promise.race([settling, this.#quiet(stopping.signal)]), signal)
      stream.off('error', unheard)
      return stream
    } catch (error) {
      stream.destroy()
      throw error
    } finally {
      stopping.abort(new Error('settled'))
    }
  }

  async close(): Promise<void> {
    this.#ended(new TransportError('CONNECTION_CLOSED', 'The connection was closed.'))
    await this.#channel?.send(payloadType.flag, encodeFlag(flag.terminateSession)).catch(() => undefined)
    await this.#channel?.close()
  }

  /** All that was sent has been acknowledged, and a moment has passed without a refusal. */
  async #quiet(signal: AbortSignal): Promise<void> {
    do await pause(refusalWindow, signal)
    while (this.#channel?.settled === false)
  }

  #payload(kind: number, payload: Uint8Array): void {
    if (kind === payloadType.output) return this.#bytes(payload)
    if (kind === payloadType.handshakeRequest) return this.#handshake(payload)
    if (kind === payloadType.handshakeComplete) return this.#ready()
    if (kind === payloadType.flag && decodeFlag(payload) === flag.connectToPortError) this.#refusals++
  }

  #handshake(payload: Uint8Array): void {
    const request = decodeHandshakeRequest(payload)
    if (request === undefined) return this.#ready(new TransportError('PROTOCOL_ERROR', 'The agent’s handshake cannot be read.'))
    const answer = answerHandshake(request, clientVersion)
    this.#channel?.send(answer.payloadType, answer.payload).catch(() => undefined)
    if (answer.refused !== undefined) return this.#ready(new TransportError('UNSUPPORTED', `The agent asks for what this client cannot do: ${answer.refused}.`))
    if (!isNewer(request.agentVersion, '3.0.196.0')) {
      this.#ready(new TransportError('UNSUPPORTED', `The agent ${request.agentVersion} is too old to forward ports.`, { hint: 'Update amazon-ssm-agent to 3.1 or newer.', details: { reason: 'agent-version' } }))
    }
  }

  #bytes(payload: Uint8Array): void {
    let frames: readonly SmuxFrame[]
    try {
      frames = this.#decoder.push(payload)
    } catch {
      return void this.#fatal(new TransportError('PROTOCOL_ERROR', 'The agent’s stream of connections cannot be read.'))
    }
    for (const { command, stream, data } of frames) {
      const open = this.#streams.get(stream)
      if (command === smuxCommand.push) {
        if (open === undefined) continue
        open.silent = false
        open.settled()
        open.stream.deliver(data)
      } else if (command === smuxCommand.finish) {
        if (open !== undefined) this.#finished(open)
      }
    }
  }

  /** A refusal is a flag that names no stream, and then the end of the stream that it is for. */
  #finished({ stream, settled, silent }: Open): void {
    if (this.#refusals === 0 || !silent) {
      settled()
      return stream.farEnd()
    }
    this.#refusals--
    const error = new TransportError('CONNECT_FAILED', `The node cannot connect to ${this.#address}.`, { hint: 'Does anything listen there?', details: { reason: 'refused' } })
    settled(error)
    stream.fail(error)
  }

  async #push(stream: number, bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.byteLength; start += smuxChunk) {
      await this.#frame({ command: smuxCommand.push, stream, data: bytes.subarray(start, start + smuxChunk) })
    }
  }

  /** Frames of different streams never mix. */
  #frame(frame: SmuxFrame): Promise<void> {
    const bytes = encodeSmux(frame)
    const send = async (): Promise<void> => {
      if (this.#failure !== undefined) throw this.#failure
      for (let start = 0; start < bytes.byteLength; start += chunkSize) await this.#channel?.send(payloadType.output, bytes.subarray(start, start + chunkSize))
    }
    const sent = this.#sending.then(send)
    this.#sending = sent.catch(() => undefined)
    return sent
  }

  /** There is no window for each stream: one that nobody reads holds them all. */
  #setFull(id: number, full: boolean): void {
    const open = this.#streams.get(id)
    if (open !== undefined) open.full = full
    this.#channel?.setPaused([...this.#streams.values()].some((one) => one.full))
  }

  #fatal(error: TransportError): void {
    this.#ended(error)
    this.#channel?.close().catch(() => undefined)
  }

  #ended(error: TransportError): void {
    this.#failure ??= error
    this.#ready(error)
    for (const { stream, settled } of [...this.#streams.values()]) {
      settled(error)
      if (error.code === 'CONNECTION_CLOSED') stream.destroy()
      else stream.fail(error)
    }
  }
}
