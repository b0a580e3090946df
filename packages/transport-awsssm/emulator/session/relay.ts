// The service between client and agent: tokens, sockets, and frames in both directions, with whatever a network may do to them.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { ServiceError } from '../http.js'
import type { Kms } from '../kms.js'
import type { FrameFault } from '../knobs.js'
import { AgentEncryption } from './agent-encryption.js'
import { AgentSession, channelClosed } from './agent-session.js'

export interface RelaySettings {
  readonly directory: string
  readonly terminalDelay: number
  readonly kms: Kms
  readonly kmsKeyId: string | undefined
  /** ws://127.0.0.1:port */
  readonly origin: () => string
  readonly frameFault: ((frame: { readonly to: 'client' | 'agent'; readonly index: number }) => FrameFault | undefined) | undefined
}

interface SessionRecord {
  readonly id: string
  readonly target: string
  readonly agent: AgentSession
  token: string
  socket: WebSocket | undefined
  readonly counts: { client: number; agent: number }
}

export class Relay {
  readonly #settings: RelaySettings
  readonly #sessions = new Map<string, SessionRecord>()
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 1_048_576 })

  constructor(settings: RelaySettings) {
    this.#settings = settings
  }

  start(target: string, port: { readonly host: string; readonly port: number } | undefined): object {
    const id = `train-ts-${randomUUID().replaceAll('-', '').slice(0, 17)}`
    const { kms, kmsKeyId } = this.#settings
    const encryption = kmsKeyId === undefined || port !== undefined ? undefined : new AgentEncryption(kmsKeyId, kms, id, target)
    const session: SessionRecord = {
      id, target, token: newToken(), socket: undefined, counts: { client: 0, agent: 0 },
      agent: new AgentSession({ sessionId: id, directory: this.#settings.directory, terminalDelay: this.#settings.terminalDelay, port, encryption }, {
        frame: (bytes) => this.#toClient(session, bytes),
        ended: (output) => this.#finish(session, output),
      }),
    }
    this.#sessions.set(id, session)
    return this.#ticket(session)
  }

  resume(id: string): object {
    const session = this.#sessions.get(id)
    if (session === undefined) throw new ServiceError('DoesNotExistException')
    session.token = newToken()
    return this.#ticket(session)
  }

  terminate(id: string): object {
    const session = this.#sessions.get(id)
    if (session !== undefined) {
      session.agent.terminate()
      this.#finish(session, '')
    }
    return { SessionId: id }
  }

  /** Sessions that have not ended: a client that leaves one behind is found out. */
  get open(): readonly string[] {
    return [...this.#sessions.keys()]
  }

  /** For tests: the network between client and service is cut. */
  cut(): void {
    for (const session of this.#sessions.values()) session.socket?.terminate()
  }

  /** For tests: the service ends all sessions, with this as the reason. */
  end(output: string): void {
    for (const session of [...this.#sessions.values()]) {
      session.agent.terminate()
      this.#finish(session, output)
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const id = /^\/v1\/data-channel\/([A-Za-z0-9-]{1,96})\?role=publish_subscribe/.exec(request.url ?? '')?.[1]
    const session = id === undefined ? undefined : this.#sessions.get(id)
    if (session === undefined) return void socket.destroy()
    this.#server.handleUpgrade(request, socket, head, (client) => this.#accept(session, client))
  }

  close(): void {
    this.end('')
    this.#server.close()
  }

  /** The first message, text, brings the token; each is good for one connection. */
  #accept(session: SessionRecord, client: WebSocket): void {
    client.on('error', () => undefined)
    client.once('message', (data: Buffer, binary) => {
      const opening = binary ? {} : (JSON.parse(data.toString()) as { TokenValue?: unknown; MessageSchemaVersion?: unknown }) // checked in the next line
      if (opening.TokenValue !== session.token || opening.MessageSchemaVersion !== '1.0') return client.close(4401)
      session.token = newToken()
      session.socket?.terminate()
      session.socket = client
      client.on('message', (frame: Buffer) => this.#pass(session, 'agent', frame))
      session.agent.start()
    })
  }

  #toClient(session: SessionRecord, bytes: Uint8Array): void {
    this.#pass(session, 'client', bytes)
  }

  #pass(session: SessionRecord, to: 'client' | 'agent', bytes: Uint8Array): void {
    const deliver = (frame: Uint8Array): void => {
      if (to === 'agent') session.agent.receive(frame)
      else if (session.socket?.readyState === WebSocket.OPEN) session.socket.send(frame)
    }
    const fault = this.#settings.frameFault?.({ to, index: session.counts[to]++ })
    if (fault === 'lose') return
    if (fault === 'cut') return session.socket?.terminate()
    if (fault === 'corrupt') return deliver(corrupted(bytes))
    if (fault === 'delay') return void setTimeout(() => deliver(bytes), 20)
    deliver(bytes)
    if (fault === 'repeat') deliver(bytes)
  }

  #finish(session: SessionRecord, output: string): void {
    if (!this.#sessions.delete(session.id)) return
    if (session.socket?.readyState === WebSocket.OPEN) session.socket.send(channelClosed(session.id, output))
    session.socket?.close(1000)
  }

  #ticket(session: SessionRecord): object {
    return { SessionId: session.id, TokenValue: session.token, StreamUrl: `${this.#settings.origin()}/v1/data-channel/${session.id}?role=publish_subscribe` }
  }
}

function newToken(): string {
  return `token-${randomUUID()}`
}

function corrupted(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes)
  const last = copy.byteLength - 1
  copy.writeUInt8(copy.readUInt8(last) ^ 0x55, last)
  return copy
}
