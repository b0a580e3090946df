// Requests over as many authenticated connections as are needed at once: a long poll holds one, so Send and Signal take another.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isTransportError, TransportError } from '@train-ts/core'
import { HttpFailure } from '../http/connection.js'
import { buildEnvelope, type WsmanRequest } from '../wsman/envelope.js'
import { WsmanFault } from '../wsman/fault.js'
import { readReply } from '../wsman/replies.js'
import type { XmlElement } from '../wsman/xml.js'
import { connectionFailure } from './failures.js'
import { LoginForgotten, type WsmanConnection } from './wsman-connection.js'

export interface WsmanClientParts {
  /** A connection that has logged in. */
  readonly connect: (signal: AbortSignal) => Promise<WsmanConnection>
  readonly endpoint: string
  readonly operationTimeout: number
  readonly uuid: () => string
  readonly maxEnvelopeSize: number
  /** Told when a request failed for good with its connection. */
  readonly lost: (cause: unknown) => void
  /** Told once, when the client is closed. */
  readonly closed: () => void
}

export interface RequestOptions {
  /** Doing it twice does no harm: Receive, Signal, Delete, Get. */
  readonly repeatable?: boolean
  /** Nobody waits for it: when it fails, that says nothing about the session. */
  readonly background?: boolean
  /** When it aborts, the answer has five seconds left. */
  readonly signal?: AbortSignal | undefined
}

export interface WsmanClient {
  /** The body of the reply. Rejects with a WsmanFault where the service answered with one. */
  request(request: WsmanRequest, options?: RequestOptions): Promise<XmlElement>
  /** Bytes of one message, either way. */
  maxEnvelopeSize: number
  close(): void
}

/** How much longer than the far side's own limit an answer may take. */
const patience = 10_000
const grace = 5000
const attempts = 3

export function createWsmanClient(parts: WsmanClientParts): WsmanClient {
  const sessionId = parts.uuid().toUpperCase()
  const ended = new AbortController()
  const all = new Set<WsmanConnection>()
  const idle: WsmanConnection[] = []
  /** The service has answered before: what fails now is a connection that was lost. */
  let answered = false

  async function take(): Promise<WsmanConnection> {
    for (let found = idle.pop(); found !== undefined; found = idle.pop()) {
      // Two turns of the event loop show whether the far side closed it meanwhile: what is written then may not be written again.
      await nextTurn()
      await nextTurn()
      if (!found.dead) return found
      drop(found)
    }
    if (ended.signal.aborted) throw closed()
    const connection = await parts.connect(ended.signal)
    if (ended.signal.aborted) {
      connection.close()
      throw closed()
    }
    all.add(connection)
    return connection
  }
  function drop(connection: WsmanConnection): void {
    connection.close()
    all.delete(connection)
  }
  function putBack(connection: WsmanConnection): void {
    if (connection.dead) drop(connection)
    else idle.push(connection)
  }

  async function exchange(request: WsmanRequest, signal: AbortSignal | undefined): Promise<XmlElement> {
    const connection = await take().catch((error: unknown) => {
      throw annotate(error)
    })
    const messageId = parts.uuid().toUpperCase()
    const stopWaiting = closeAfterAbort(connection, signal)
    try {
      const { endpoint: to, operationTimeout } = parts
      const envelope = buildEnvelope(request, { to, messageId, sessionId, maxEnvelopeSize: client.maxEnvelopeSize, operationTimeout })
      const limits = { timeout: parts.operationTimeout + patience, maxBody: client.maxEnvelopeSize * 2 + 65_536 }
      const reply = readReply(await connection.exchange(envelope, limits))
      if (reply.fault !== undefined) throw reply.fault
      if (reply.relatesTo !== undefined && reply.relatesTo.toUpperCase() !== `UUID:${messageId}`) {
        drop(connection)
        throw new TransportError('PROTOCOL_ERROR', 'The service answered another request than ours.', { details: { reason: 'relates_to' } })
      }
      return reply.body
    } catch (error) {
      throw annotate(error)
    } finally {
      stopWaiting()
      putBack(connection)
    }
  }

  const client: WsmanClient = {
    maxEnvelopeSize: parts.maxEnvelopeSize,
    async request(request, { repeatable = false, background = false, signal } = {}) {
      for (let attempt = 1; ; attempt++) {
        try {
          const body = await exchange(request, signal)
          answered = true
          return body
        } catch (error) {
          if (error instanceof WsmanFault) answered = true
          if (error instanceof Retryable && attempt < attempts && !ended.signal.aborted && signal?.aborted !== true && error.mayRepeat(repeatable)) continue
          throw report(error instanceof Retryable ? error.cause : error, background)
        }
      }
    },
    close() {
      if (ended.signal.aborted) return
      ended.abort(closed())
      for (const connection of all) drop(connection)
      parts.closed()
    },
  }

  function report(error: unknown, background: boolean): unknown {
    const translated = translate(error, answered)
    const known = answered && isTransportError(translated, 'CONNECT_FAILED') ? unreachable(translated) : translated
    if (known instanceof TransportError && known.code === 'CONNECTION_LOST' && !background && !ended.signal.aborted) parts.lost(known)
    return ended.signal.aborted && known instanceof TransportError ? closed() : known
  }
  return client
}

/** A failure of the connection, with what is known about the request's fate. */
class Retryable extends Error {
  constructor(override readonly cause: HttpFailure | LoginForgotten) {
    super(cause.message)
  }
  mayRepeat(repeatable: boolean): boolean {
    if (this.cause instanceof LoginForgotten || this.cause.stage === 'unsent') return true
    return repeatable && this.cause.reason === 'closed'
  }
}

function annotate(error: unknown): unknown {
  return error instanceof HttpFailure || error instanceof LoginForgotten ? new Retryable(error) : error
}

const codecErrors: ReadonlySet<string> = new Set(['XmlError', 'ReplyError', 'FrameError', 'SealError', 'NtlmFormatError', 'DerError', 'GssError', 'TokenLayoutError'])

function translate(error: unknown, answered: boolean): unknown {
  if (error instanceof HttpFailure) return connectionFailure(error, answered)
  if (error instanceof LoginForgotten) return new TransportError('AUTH_FAILED', 'The service forgets logins at once.', { cause: error })
  if (error instanceof Error && codecErrors.has(error.name)) {
    return new TransportError('PROTOCOL_ERROR', `An answer is not acceptable: ${error.message}.`, { cause: error, details: { reason: error.name } })
  }
  return error
}

function closeAfterAbort(connection: WsmanConnection, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    timer = setTimeout(() => connection.close(), grace)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

function unreachable(cause: TransportError): TransportError {
  return new TransportError('CONNECTION_LOST', `The machine cannot be reached any more: ${cause.message}`, { cause, details: { reason: 'unreachable' } })
}

function closed(): TransportError {
  return new TransportError('CONNECTION_CLOSED', 'The connection was closed.')
}
