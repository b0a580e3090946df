// TLS over a stream. The certificate is judged here, after the handshake and before the first byte, so that the error can name it.
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { TransportError } from '@train-ts/core'

export interface TlsSettings {
  readonly host: string
  /** PEM; undefined: what Node trusts. */
  readonly ca: string | Uint8Array | undefined
  readonly selfSigned: boolean
  /** Hex, with or without colons. */
  readonly fingerprint: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly passphrase: string | undefined
}

/** Resolves when the certificate has been accepted. Destroys the stream otherwise. */
export async function secure(stream: Duplex, settings: TlsSettings, signal: AbortSignal): Promise<TLSSocket> {
  const socket = await handshake(stream, settings, signal)
  const rejection = judge(socket, settings)
  if (rejection === undefined) return socket
  socket.destroy()
  throw rejection
}

/** DER of the certificate that the far side showed. */
export function peerCertificate(socket: TLSSocket): Uint8Array | undefined {
  const { raw }: { readonly raw?: Uint8Array } = socket.getPeerCertificate()
  return raw
}

async function handshake(stream: Duplex, settings: TlsSettings, signal: AbortSignal): Promise<TLSSocket> {
  const context = clientContext(stream, settings)
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: stream,
      secureContext: context,
      host: settings.host,
      ...(isIP(settings.host) === 0 ? { servername: settings.host } : {}),
      ALPNProtocols: ['http/1.1'],
      // `judge` decides, and knows more to say.
      rejectUnauthorized: false,
    })
    const finish = (): void => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.off('close', onClose)
    }
    const fail = (error: unknown): void => {
      finish()
      socket.destroy()
      stream.destroy()
      reject(error)
    }
    const onAbort = (): void => fail(signal.reason)
    const onError = (cause: Error): void => fail(tlsFailure(cause))
    const onClose = (): void => fail(tlsFailure(new Error('the connection was closed during the handshake')))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError)
    socket.once('close', onClose)
    socket.once('secureConnect', () => {
      finish()
      resolve(socket)
    })
    if (signal.aborted) onAbort()
  })
}

/** Certificates and keys, read before anything is sent. */
function clientContext(stream: Duplex, { ca, cert, key, passphrase }: TlsSettings): SecureContext {
  try {
    return createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
    })
  } catch (cause) {
    stream.destroy()
    throw new TransportError('INVALID_OPTIONS', 'The CA, the client certificate or its key cannot be used.', {
      cause,
      hint: 'clientKey must belong to clientCert, and clientKeyPass to clientKey; all of them are PEM.',
      details: { option: cert === undefined ? 'ca' : 'clientKey' },
    })
  }
}

function judge(socket: TLSSocket, settings: TlsSettings): TransportError | undefined {
  const certificate = socket.getPeerCertificate()
  const shown = `SHA-256 ${certificate.fingerprint256}`
  if (settings.fingerprint !== undefined) {
    const wanted = settings.fingerprint.replaceAll(':', '').toLowerCase()
    const given = (wanted.length === 40 ? certificate.fingerprint : certificate.fingerprint256).replaceAll(':', '').toLowerCase()
    if (given === wanted) return undefined
    return new TransportError('CERTIFICATE_REJECTED', `The certificate of ${settings.host} is not the pinned one; it has ${shown}.`, {
      hint: 'If the machine got a new certificate, change sslPeerFingerprint; otherwise somebody stands between.',
    })
  }
  if (socket.authorized || settings.selfSigned) return undefined
  const reason = String(socket.authorizationError)
  return new TransportError('CERTIFICATE_REJECTED', `The certificate of ${settings.host} is not trusted: ${reason} (${shown}).`, {
    hint: reason.includes('ALTNAME') ? 'Connect by a name that is in the certificate, or pin it with sslPeerFingerprint.' : 'Give its CA as caTrustFile, or pin it with sslPeerFingerprint after checking the fingerprint on the machine.',
    details: { reason },
  })
}

function tlsFailure(cause: Error): TransportError {
  return new TransportError('CONNECT_FAILED', `TLS could not be set up: ${cause.message}`, { cause, hint: 'Is this the HTTPS listener (5986)? `winrm enumerate winrm/config/listener` on the machine shows it.' })
}
