// One session on a node: which kind it is, and what the agent does with what arrives.
import { randomUUID } from 'node:crypto'
import { encodeMessage, payloadType } from '../../src/codec/message.js'
import { decodeFlag, flag } from '../../src/codec/payload.js'
import { AgentChannel } from './agent-channel.js'
import type { AgentEncryption } from './agent-encryption.js'
import { PortAgent } from './port.js'
import type { Terminal } from './terminal.js'
import { startTerminal } from './terminal.js'

export interface AgentSessionSettings {
  readonly sessionId: string
  readonly directory: string
  /** Milliseconds until the pty is up; input before that is not acknowledged. The real agent takes a second. */
  readonly terminalDelay: number
  /** A port session's address; undefined: a shell. */
  readonly port: { readonly host: string; readonly port: number } | undefined
  readonly encryption: AgentEncryption | undefined
}

export interface AgentSessionHandlers {
  /** To the client, by way of the relay. */
  frame(bytes: Uint8Array): void
  /** The session is over; `output` says why, where something went wrong. */
  ended(output: string): void
}

export class AgentSession {
  readonly #channel: AgentChannel
  readonly #handlers: AgentSessionHandlers
  readonly #settings: AgentSessionSettings
  #stage: 'new' | 'handshake' | 'challenge' | 'open' = 'new'
  #terminal: Terminal | undefined
  #port: PortAgent | undefined
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(settings: AgentSessionSettings, handlers: AgentSessionHandlers) {
    this.#settings = settings
    this.#handlers = handlers
    this.#channel = new AgentChannel({ frame: (bytes) => handlers.frame(bytes), payload: (kind, payload) => this.#payload(kind, payload) })
  }

  /** When the client is there: what was said before would only have to be said again. A plain shell begins without a handshake. */
  start(): void {
    if (this.#stage !== 'new') return
    const { port, encryption } = this.#settings
    if (port === undefined && encryption === undefined) return this.#open()
    this.#stage = 'handshake'
    const type = port === undefined
      ? { SessionType: 'Standard_Stream', Properties: null }
      : { SessionType: 'Port', Properties: { portNumber: String(port.port), host: port.host, localPortNumber: '0', type: 'LocalPortForwarding' } }
    const actions = [{ ActionType: 'SessionType', ActionParameters: type }, ...(encryption === undefined ? [] : [encryption.action])]
    this.#channel.send(payloadType.handshakeRequest, Buffer.from(JSON.stringify({ AgentVersion: '3.3.1142.0', RequestedClientActions: actions })))
  }

  receive(bytes: Uint8Array): void {
    this.#channel.receive(bytes)
  }

  /** TerminateSession: the shell is hung up on, at once. */
  terminate(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#terminal?.kill()
    this.#port?.close()
    this.#channel.close()
  }

  /** What comes before its time is acknowledged and thrown away; what comes before the pty is up is not even acknowledged. */
  #payload(kind: number, payload: Uint8Array): boolean {
    const { encryption } = this.#settings
    if (this.#stage === 'handshake') {
      if (kind !== payloadType.handshakeResponse) return true
      if (encryption === undefined) this.#complete('')
      else if (!encryption.accept(payload)) void this.#finish('KMSEncryption failed on client')
      else {
        this.#stage = 'challenge'
        this.#channel.send(payloadType.challengeRequest, encryption.challenge())
      }
      return true
    }
    if (this.#stage === 'challenge') {
      if (kind !== payloadType.challengeResponse) return true
      if (encryption?.answers(payload) === true) this.#complete('This session is encrypted using AWS KMS.')
      else void this.#finish('The encryption challenge failed')
      return true
    }
    if (this.#port !== undefined) {
      if (kind === payloadType.output) this.#port.receive(payload)
      if (kind === payloadType.flag && decodeFlag(payload) === flag.terminateSession) void this.#finish('')
      return true
    }
    return this.#input(kind, payload)
  }

  #input(kind: number, payload: Uint8Array): boolean {
    if (this.#terminal === undefined) return false
    const { encryption } = this.#settings
    if (kind === payloadType.output) {
      const plain = encryption === undefined ? payload : encryption.open(payload)
      if (plain === undefined) void this.#finish('Input cannot be decrypted')
      else this.#terminal.write(plain)
    }
    if (kind === payloadType.size) {
      const { cols, rows } = JSON.parse(Buffer.from(payload).toString()) as { cols: number; rows: number } // what clients send
      this.#terminal.resize(cols, rows)
    }
    return true
  }

  #complete(message: string): void {
    this.#channel.send(payloadType.handshakeComplete, Buffer.from(JSON.stringify({ HandshakeTimeToComplete: 1_000_000, CustomerMessage: message })))
    this.#open()
  }

  #open(): void {
    this.#stage = 'open'
    const { port, encryption, directory, sessionId, terminalDelay } = this.#settings
    if (port !== undefined) {
      this.#port = new PortAgent(this.#channel, port.host, port.port)
      return
    }
    this.#timer = setTimeout(() => {
      this.#terminal = startTerminal(directory, sessionId, {
        output: async (bytes) => {
          await this.#channel.room()
          if (!this.#over) this.#channel.send(payloadType.output, encryption === undefined ? bytes : encryption.seal(bytes))
        },
        ended: () => void this.#finish(''),
      })
    }, terminalDelay)
  }

  async #finish(output: string): Promise<void> {
    if (this.#over) return
    await this.#channel.drained()
    this.terminate()
    this.#handlers.ended(output)
  }
}

/** What the service tells the client at the end. */
export function channelClosed(sessionId: string, output: string): Uint8Array {
  const fields = { MessageType: 'channel_closed', MessageId: randomUUID(), DestinationId: '', SessionId: sessionId, SchemaVersion: 1, CreatedDate: Date.now(), Output: output }
  return encodeMessage({ type: 'channel_closed', created: Date.now(), sequence: 0, flags: 0, id: randomUUID(), payloadType: 0, payload: Buffer.from(JSON.stringify(fields)) })
}
