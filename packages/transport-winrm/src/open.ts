// open: reach the machine, log in, ask for its limits. What is not there yet is refused by name.
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { isTransportError, TransportError, type OpenContext, type Session } from '@train-ts/core'
import { createWsmanClient, type WsmanClient } from './client/wsman-client.js'
import { createWsmanConnection, type WsmanConnection } from './client/wsman-connection.js'
import { login, type Authenticator } from './client/authenticator.js'
import type { SecurityContext } from './auth/security-context.js'
import { createAuthenticator } from './login-method.js'
import { createHttpConnection, HttpFailure, type HttpConnection } from './http/connection.js'
import { peerCertificate, secure, type TlsSettings } from './http/tls.js'
import { readTlsSettings } from './tls-settings.js'
import type { WinrmOptions } from './options.js'
import { createWinrmSession } from './session.js'
import { WsmanFault } from './wsman/fault.js'
import { readMaxEnvelopeKilobytes } from './wsman/replies.js'
import { configRequest } from './wsman/shell-requests.js'

/** What every service since Windows 2008 R2 takes. */
const smallestEnvelope = 153_600

export async function open(options: Readonly<WinrmOptions>, context: OpenContext): Promise<Session> {
  refuseWhatIsMissing(options)
  const tls = options.ssl ? await readTlsSettings(options) : undefined
  const authenticator = await createAuthenticator(options, { random: randomBytes, now: Date.now })
  const connect = connector(options, { tls, authenticator }, context)
  const client = createWsmanClient({
    connect,
    endpoint: `${options.ssl ? 'https' : 'http'}://${authority(options)}${options.path}`,
    operationTimeout: options.operationTimeout,
    uuid: randomUUID,
    maxEnvelopeSize: options.maxEnvelopeSize ?? smallestEnvelope,
    lost: (cause) => context.lost(cause),
    closed: () => authenticator.dispose(),
  })
  const onAbort = (): void => client.close()
  context.signal.addEventListener('abort', onAbort, { once: true })
  try {
    await firstAnswer(client, options, context.signal)
    context.signal.throwIfAborted()
    return createWinrmSession(client, options)
  } catch (error) {
    client.close()
    throw context.signal.aborted ? context.signal.reason : error
  } finally {
    context.signal.removeEventListener('abort', onAbort)
  }
}

type Connect = (signal: AbortSignal) => Promise<WsmanConnection>
interface Means {
  readonly tls: TlsSettings | undefined
  readonly authenticator: Authenticator
}

/** Opens one TCP connection, with TLS and login as the options say. */
function connector(options: Readonly<WinrmOptions>, { tls, authenticator }: Means, context: OpenContext): Connect {
  const sealing = !options.ssl || options.messageEncryption === 'always'
  return async (signal) => {
    const stream = await context.dial(options.host, options.port ?? 0, { signal })
    const secured: TLSSocket | undefined = tls === undefined ? undefined : await secure(stream, tls, signal)
    const http: HttpConnection = createHttpConnection(secured ?? stream, authority(options))
    let security: SecurityContext | undefined
    try {
      security = await authenticator.begin(secured === undefined ? undefined : peerCertificate(secured))
      if (security !== undefined) await login(http, security, authenticator.name, { path: options.path, timeout: 30_000, maxBody: 65_536 })
      const { name, header } = authenticator
      return createWsmanConnection({ http, path: options.path, name, header, context: security, sealed: sealing && security !== undefined })
    } catch (error) {
      http.close()
      security?.dispose()
      // The request for which this connection was to be has not been sent.
      throw error instanceof HttpFailure ? new HttpFailure(error.message, 'unsent', error.reason, error) : error
    }
  }
}

/** The first request: proves the login, and asks for the largest message. Who is not allowed to know stays with the smallest. */
async function firstAnswer(client: WsmanClient, options: Readonly<WinrmOptions>, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const body = await client.request(configRequest(), { repeatable: true })
      const kilobytes = readMaxEnvelopeKilobytes(body)
      if (options.maxEnvelopeSize === undefined && kilobytes !== undefined) client.maxEnvelopeSize = Math.min(Math.max(kilobytes * 1024, 32_768), 4_194_304)
      return
    } catch (error) {
      if (error instanceof WsmanFault) return
      if (!isTransportError(error, 'CONNECT_FAILED') || attempt >= options.connectionRetries || signal.aborted) throw error
      await delay(options.connectionRetrySleep, undefined, { signal })
    }
  }
}

function refuseWhatIsMissing(options: Readonly<WinrmOptions>): void {
  if (options.winrmTransport === 'credssp') {
    throw new TransportError('UNSUPPORTED', 'CredSSP is not supported: it hands the password to the far side, and no acceptor could be had to prove an implementation against.', {
      hint: 'Use negotiate or kerberos.',
    })
  }
  if (options.shell === 'elevated') {
    throw new TransportError('UNSUPPORTED', 'shell=elevated is not supported yet.', { hint: 'Log in as a user whose remote sessions are elevated: a domain administrator, or the built-in Administrator.' })
  }
}

function authority({ host, port }: Readonly<WinrmOptions>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port ?? ''}`
}
