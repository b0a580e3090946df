// One authenticated connection: seals an envelope, posts it, opens the answer. Strictly one request at a time, because sealing counts.
import { TransportError } from '@train-ts/core'
import type { SecurityContext } from '../auth/security-context.js'
import type { HttpConnection } from '../http/connection.js'
import type { HttpResponse } from '../http/response-parser.js'
import { decodeEncrypted, encodeEncrypted, isEncrypted } from '../wsman/encrypted.js'
import { loginRefused, unexpectedStatus, type LoginName } from './failures.js'

export interface WsmanConnection {
  /** The text of the reply, a fault as well. */
  exchange(envelope: string, limits: { readonly timeout: number; readonly maxBody: number }): Promise<string>
  readonly dead: boolean
  close(): void
}

export interface ConnectionParts {
  readonly http: HttpConnection
  readonly path: string
  readonly name: LoginName
  readonly header: string | undefined
  readonly context: SecurityContext | undefined
  /** Messages are sealed by `context`. */
  readonly sealed: boolean
}

/** The service forgot a login that had worked; the request was not looked at. */
export class LoginForgotten extends Error {
  override readonly name = 'LoginForgotten'
}

export function createWsmanConnection(parts: ConnectionParts): WsmanConnection {
  const { http, name, context } = parts
  let used = false
  return {
    get dead() {
      return http.dead
    },
    async exchange(envelope, limits) {
      const { contentType, body } = seal(parts, Buffer.from(envelope, 'utf8'))
      const headers = {
        'Content-Type': contentType,
        'Accept-Encoding': 'identity',
        'User-Agent': 'train-ts',
        Connection: 'Keep-Alive',
        ...(parts.header === undefined ? {} : { Authorization: parts.header }),
      }
      const response = await http.post({ path: parts.path, headers, body, ...limits })
      if (response.status === 401) {
        http.close()
        if (used && context !== undefined) throw new LoginForgotten()
        throw loginRefused(response, name)
      }
      try {
        const text = open(parts, response)
        used = true
        return text
      } catch (error) {
        // The state of the ciphers is no longer known.
        http.close()
        throw error
      }
    },
    close() {
      http.close()
      context?.dispose()
    },
  }
}

function seal({ sealed, context }: ConnectionParts, envelope: Buffer): { readonly contentType: string; readonly body: Buffer } {
  if (!sealed || context === undefined) return { contentType: 'application/soap+xml;charset=UTF-8', body: envelope }
  return encodeEncrypted(context.protocol, context.wrap(envelope), envelope.length)
}

function open({ sealed, context, name }: ConnectionParts, response: HttpResponse): string {
  const type = response.headers.get('content-type')?.[0] ?? ''
  if (!sealed || context === undefined) {
    if (response.body.length === 0 || !/\bxml\b/i.test(type)) throw unexpectedStatus(response, sealed, name.tls)
    return decodeText(response.body, type)
  }
  if (!isEncrypted(type)) {
    if (response.body.length === 0 || response.status >= 400) throw unexpectedStatus(response, sealed, name.tls)
    throw new TransportError('PROTOCOL_ERROR', 'The service answered a sealed message in clear.', { hint: 'Something in between may have answered in its place: its words are not believed.', details: { reason: 'clear_reply' } })
  }
  const frame = decodeEncrypted(type, response.body)
  const message = context.unwrap(frame.header, frame.data)
  if (frame.protocol.toLowerCase() !== context.protocol.toLowerCase() || message.length !== frame.length) {
    throw new TransportError('PROTOCOL_ERROR', 'A sealed answer does not hold what its frame says.', { details: { reason: 'frame' } })
  }
  return decodeText(message, frame.type)
}

function decodeText(bytes: Uint8Array, type: string): string {
  const charset = /charset="?([\w-]+)"?/i.exec(type)?.[1]?.toLowerCase() ?? 'utf-8'
  return new TextDecoder(charset === 'utf-16' ? 'utf-16le' : 'utf-8').decode(bytes)
}
