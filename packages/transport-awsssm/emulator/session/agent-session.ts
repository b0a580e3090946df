// One session on a node: which kind it is, and what the agent does with what arrives.
import { randomUUID } from 'node:crypto'
import { encodeMessage, payloadType } from '../../src/codec/message.js'
import { decodeFlag, flag } from '../../src/codec/payload.js'
import { AgentChannel } from './agent-channel.js'
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
}

export interface AgentSessionHandlers {
  /** To the client, by way of the relay. */
  frame(bytes: Uint8Array): void
  /** The session is over. */
  ended(): void
}

export class AgentSession {
  readonly #channel: AgentChannel
  readonly #handlers: AgentSessionHandlers
  readonly #settings: AgentSessionSettings
  #started = false
  #terminal: Terminal | undefined
  #port: PortAgent | undefined
  #timer: NodeJS.Timeout | undefined
  #over = false
  #awaiting: { readonly host: string; readonly port: number } | undefined

  constructor(settings: AgentSessionSettings, handlers: AgentSessionHandlers) {
    this.#settings = settings
    this.#handlers = handlers
    this.#channel = new AgentChannel({ frame: (bytes) => handlers.frame(bytes), payload: (kind, payload) => this.#payload(kind, payload) })
  }

  /** When the client is there: what was said before would only have to be said again. */
  start(): void {
    const settings = this.#settings
    if (this.#started) return
    this.#started = true
    if (settings.port !== undefined) return this.#startPort(settings.port)
    this.#timer = setTimeout(() => {
      this.#terminal = startTerminal(settings.directory, settings.sessionId, {
        output: async (bytes) => {
          await this.#channel.room()
          if (!this.#over) this.#channel.send(payloadType.output, bytes)
        },
        ended: () => void this.#finish(),
      })
    }, settings.terminalDelay)
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

  /** A handshake, then smux: what comes before its end is acknowledged and thrown away. */
  #startPort({ host, port }: { readonly host: string; readonly port: number }): void {
    const properties = { portNumber: String(port), host, localPortNumber: '0', type: 'LocalPortForwarding' }
    const actions = [{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Port', Properties: properties } }]
    this.#channel.send(payloadType.handshakeRequest, Buffer.from(JSON.stringify({ AgentVersion: '3.3.1142.0', RequestedClientActions: actions })))
    this.#awaiting = { host, port }
  }

  #payload(kind: number, payload: Uint8Array): boolean {
    if (this.#awaiting !== undefined) {
      if (kind !== payloadType.handshakeResponse) return true
      const { host, port } = this.#awaiting
      this.#awaiting = undefined
      this.#port = new PortAgent(this.#channel, host, port)
      this.#channel.send(payloadType.handshakeComplete, Buffer.from(JSON.stringify({ HandshakeTimeToComplete: 1_000_000, CustomerMessage: '' })))
      return true
    }
    if (this.#port !== undefined) {
      if (kind === payloadType.output) this.#port.receive(payload)
      if (kind === payloadType.flag && decodeFlag(payload) === flag.terminateSession) void this.#finish()
      return true
    }
    if (this.#terminal === undefined) return false
    if (kind === payloadType.output) this.#terminal.write(payload)
    if (kind === payloadType.size) {
      const { cols, rows } = JSON.parse(Buffer.from(payload).toString()) as { cols: number; rows: number } // what clients send
      this.#terminal.resize(cols, rows)
    }
    return true
  }

  async #finish(): Promise<void> {
    if (this.#over) return
    await this.#channel.drained()
    this.terminate()
    this.#handlers.ended()
  }
}

/** What the service tells the client at the end. */
export function channelClosed(sessionId: string, output: string): Uint8Array {
  const payload = Buffer.from(JSON.stringify({ MessageType: 'channel_closed', MessageId: randomUUID(), DestinationId: '', SessionId: sessionId, SchemaVersion: 1, CreatedDate: Date.now(), Output: output }))
  return encodeMessage({ type: 'channel_closed', created: Date.now(), sequence: 0, flags: 0, id: randomUUID(), payloadType: 0, payload })
}
