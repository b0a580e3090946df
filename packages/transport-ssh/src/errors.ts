// From what sockets, ssh2 and servers say to the codes that users branch on.
import { TransportError, isTransportError } from '@train-ts/core'

/** Properties that errors of Node and ssh2 carry. */
interface RawError extends Error {
  readonly code?: unknown
  readonly level?: unknown
  readonly reason?: unknown
}

export function asError(cause: unknown): RawError {
  return cause instanceof Error ? cause : new Error(String(cause))
}

const socketMessages: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: nothing listens on that port',
  ECONNRESET: 'the connection was reset by the far side',
  EPIPE: 'the connection was closed by the far side',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ETIMEDOUT: 'the host does not answer',
}

/** `where` is host:port. An error with a code of ours passes as it is. */
export function connectError(where: string, cause: unknown): TransportError {
  if (isTransportError(cause)) return cause
  const error = asError(cause)
  const known = typeof error.code === 'string' ? socketMessages[error.code] : undefined
  if (known !== undefined) return new TransportError('CONNECT_FAILED', `Cannot connect to ${where}: ${known}.`, { cause })
  const { message } = error
  if (/no matching/i.test(message)) {
    return new TransportError('CONNECT_FAILED', `Cannot agree with ${where} on algorithms: ${message.replace(/^Handshake failed: /, '')}.`, {
      hint: 'The server offers only algorithms that are off by default; name one that you accept in `kexAlgorithms`, `hostKeyAlgorithms`, `ciphers` or `macs`, with a leading "+".',
      retryable: false,
      cause,
    })
  }
  if (/identification string|Invalid header|Header line too long|Max greeting lines|Invalid packet length|Bad packet length/i.test(message)) {
    return new TransportError('CONNECT_FAILED', `What answers at ${where} does not speak SSH: ${message}.`, { hint: 'Check the port.', retryable: false, cause })
  }
  if (/lost before handshake/i.test(message)) {
    return new TransportError('CONNECT_FAILED', `${where} closed the connection before it said anything of SSH.`, {
      hint: 'An SSH server does so when it has too many connections (MaxStartups), bans the address, or still starts; other services do it always.',
      cause,
    })
  }
  return new TransportError('CONNECT_FAILED', `Cannot connect to ${where}: ${message}.`, { cause })
}

export function lostError(what: string, cause: unknown): TransportError {
  if (isTransportError(cause)) return cause
  const error = asError(cause)
  const known = typeof error.code === 'string' ? socketMessages[error.code] : undefined
  return new TransportError('CONNECTION_LOST', `The SSH connection was lost ${what}: ${known ?? error.message}.`, { cause })
}

/** RFC 4254 §5.1, the reasons of SSH_MSG_CHANNEL_OPEN_FAILURE. */
const openReason = { prohibited: 1, connectFailed: 2, unknownType: 3, shortage: 4 } as const

/** Why a session channel did not open. OpenSSH says connectFailed where MaxSessions is used up. */
export function sessionChannelError(cause: unknown): TransportError {
  if (isTransportError(cause)) return cause
  const error = asError(cause)
  if (error.reason === openReason.connectFailed || error.reason === openReason.shortage) {
    return new TransportError('BUSY', 'The SSH server refuses another session on this connection (MaxSessions).', { cause })
  }
  if (typeof error.reason === 'number') {
    return new TransportError('UNSUPPORTED', `The SSH server refuses sessions: ${error.message}.`, { cause })
  }
  return lostError('before the command was sent', cause)
}

/** Why a forwarded connection did not open. */
export function forwardError(to: string, cause: unknown): TransportError {
  if (isTransportError(cause)) return cause
  const error = asError(cause)
  if (error.reason === openReason.prohibited || error.reason === openReason.unknownType) {
    return new TransportError('UNSUPPORTED', `The SSH server does not forward to ${to}.`, { hint: 'Its configuration forbids it: AllowTcpForwarding, AllowStreamLocalForwarding, PermitOpen.', cause })
  }
  if (typeof error.reason === 'number') return new TransportError('CONNECT_FAILED', `The SSH server cannot connect to ${to}: ${error.message.replace(/^.*failure: /, '')}.`, { cause })
  return lostError(`while a connection to ${to} was opened`, cause)
}
