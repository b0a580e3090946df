import type { ErrorCode } from './errors.js'
import { isTransportError, TransportError, withAdditions } from './errors.js'

const codes: ReadonlySet<string> = new Set<ErrorCode>([
  'INVALID_TARGET',
  'INVALID_OPTIONS',
  'TRANSPORT_NOT_FOUND',
  'TRANSPORT_LOAD_FAILED',
  'CONNECT_FAILED',
  'AUTH_FAILED',
  'HOST_KEY_REJECTED',
  'CERTIFICATE_REJECTED',
  'CONNECTION_LOST',
  'CONNECTION_CLOSED',
  'TIMEOUT',
  'ABORTED',
  'BUSY',
  'UNSUPPORTED',
  'COMMAND_FAILED',
  'OUTPUT_LIMIT',
  'FILE_NOT_FOUND',
  'PERMISSION_DENIED',
  'FILE_ERROR',
  'PROTOCOL_ERROR',
])

/**
 * Whatever a driver threw, as the one error class. A driver needs no import of core: any Error with a `code` of the table will do, and so does an
 * error of a second copy of this package.
 */
export function wrapDriverError(error: unknown, fallback: ErrorCode = 'PROTOCOL_ERROR'): TransportError {
  if (isTransportError(error)) return error instanceof TransportError ? error : withAdditions(error, {})
  if (!(error instanceof Error)) return new TransportError(fallback, `The driver threw ${typeof error}, not an Error.`, { cause: error })
  const { code, hint, details } = error as Error & Readonly<Partial<Record<string, unknown>>> // fields that may be there
  return new TransportError(isCode(code) ? code : fallback, error.message, {
    hint: typeof hint === 'string' ? hint : undefined,
    details: typeof details === 'object' && details !== null ? details : {},
    cause: isCode(code) ? (error.cause ?? error) : error,
  })
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && codes.has(code)
}
