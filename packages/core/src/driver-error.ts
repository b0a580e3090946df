import type { ErrorCode } from './errors.js'
import { isTransportError, TransportError } from './errors.js'

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

/** Whatever a driver threw, as the one error class. A driver needs no import of core: any Error with a `code` of the table will do. */
export function wrapDriverError(error: unknown, fallback: ErrorCode = 'PROTOCOL_ERROR'): TransportError {
  if (error instanceof TransportError) return error as TransportError // whatever its code
  const known = fields(error)
  if (isTransportError(error) || (known.code !== undefined && codes.has(known.code))) {
    return new TransportError(known.code as ErrorCode, known.summary ?? known.message, { // just looked up in the table
      hint: known.hint,
      details: known.details,
      cause: known.cause ?? error,
    })
  }
  return new TransportError(fallback, known.message, { cause: error })
}

interface Known {
  readonly message: string
  readonly summary: string | undefined
  readonly code: string | undefined
  readonly hint: string | undefined
  readonly details: object
  readonly cause: unknown
}

function fields(error: unknown): Known {
  if (!(error instanceof Error))
    return {
      message: `The driver threw ${typeof error}, not an Error.`,
      summary: undefined,
      code: undefined,
      hint: undefined,
      details: {},
      cause: undefined,
    }
  const record = error as Error & Readonly<Record<string, unknown>> // read-only look at fields that may be there
  return {
    message: error.message,
    summary: typeof record['summary'] === 'string' ? record['summary'] : undefined,
    code: typeof record['code'] === 'string' ? record['code'] : undefined,
    hint: typeof record['hint'] === 'string' ? record['hint'] : undefined,
    details: typeof record['details'] === 'object' && record['details'] !== null ? record['details'] : {},
    cause: error.cause,
  }
}
