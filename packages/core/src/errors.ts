import type { RunResult } from './connection.js'
import type { ErrorCode } from './error-code.js'

export type { ErrorCode } from './error-code.js'

/** Details that every error may have. */
export interface CommonDetails {
  /** A finer reason, e.g. Train's `bad_sudo_password`, or `no-space` of a failed write. */
  readonly reason?: string
  /** What is known of the far side after a stop: true, all of it has ended; false, something may still run. */
  readonly killed?: boolean
  /** A path on the far side. */
  readonly path?: string
}

/** The details of an error, by its code. */
export interface ErrorDetails extends Record<ErrorCode, object> {
  readonly INVALID_OPTIONS: { readonly option?: string; readonly suggestion?: string }
  readonly TRANSPORT_NOT_FOUND: { readonly scheme?: string; readonly tried?: readonly string[] }
  readonly TRANSPORT_LOAD_FAILED: { readonly scheme?: string; readonly module?: string }
  readonly HOST_KEY_REJECTED: { readonly fingerprint?: string; readonly keyType?: string; readonly file?: string; readonly line?: number }
  /** `phase`: what was under way. `timeout`: milliseconds. */
  readonly TIMEOUT: { readonly phase?: string; readonly timeout?: number }
  readonly OUTPUT_LIMIT: { readonly maxOutput?: number }
}

const brand = Symbol.for('train-ts.TransportError')

/** Codes whose cause may go away by itself, so that the same call can succeed later. */
const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CONNECT_FAILED', 'CONNECTION_LOST', 'BUSY', 'TIMEOUT'])

/** What an author gives to {@link TransportError}; core adds operation, target and result when it wraps. */
export interface TransportErrorOptions<Code extends ErrorCode = ErrorCode> {
  /** One line that says what to do. */
  readonly hint?: string | undefined
  readonly details?: (ErrorDetails[Code] & CommonDetails) | undefined
  readonly cause?: unknown
  /** Default: by the code. */
  readonly retryable?: boolean | undefined
  /** What was asked for: 'connect', 'run', 'upload', … */
  readonly operation?: string | undefined
  /** Without credentials. */
  readonly target?: string | undefined
  /** What had arrived when it failed; `exitCode` is null. */
  readonly result?: RunResult<string | Uint8Array> | undefined
}

/**
 * The one error class. Ask with {@link isTransportError}, which also knows errors of a second copy of this package, and
 * branch on `code`. An aborted call has the name `AbortError` and the signal's reason as `cause`, as `fetch` does.
 */
export class TransportError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  /** What happened; `message` is this and the hint. */
  readonly summary: string
  /** Whether the same call can succeed later without a change on your side. */
  readonly retryable: boolean
  readonly details: ErrorDetails[Code] & CommonDetails
  readonly hint: string | undefined
  readonly operation: string | undefined
  readonly target: string | undefined
  readonly result: RunResult<string | Uint8Array> | undefined

  constructor(code: Code, message: string, options: TransportErrorOptions<Code> = {}) {
    super(options.hint === undefined ? message : `${message}\n${options.hint}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.summary = message
    this.retryable = options.retryable ?? retryable.has(code)
    this.details = options.details ?? {}
    this.hint = options.hint
    this.operation = options.operation
    this.target = options.target
    this.result = options.result
    // What `inspect` and loggers show is what is known, once: the message holds the summary and the hint.
    for (const key of ['summary', 'hint', 'operation', 'target', 'result'] as const) {
      if (this[key] === undefined || key === 'summary' || key === 'hint')
        Object.defineProperty(this, key, { value: this[key], enumerable: false, configurable: true, writable: true })
    }
    Object.defineProperty(this, 'name', { value: code === 'ABORTED' ? 'AbortError' : 'TransportError', configurable: true })
    Object.defineProperty(this, brand, { value: true })
  }
}

/** What may be said of an error after it was made. */
export type ErrorAdditions = Partial<Pick<TransportErrorOptions, 'operation' | 'target' | 'result' | 'cause' | 'details'>> & {
  readonly summary?: string | undefined
  readonly hint?: string | undefined
}

/** The same error, of the same place, with more said about it. */
export function withAdditions(error: TransportError, more: ErrorAdditions): TransportError {
  const { code, hint, details, retryable: again, operation, target, result, cause, summary } = error
  const copy = new TransportError(code, more.summary ?? summary, {
    hint,
    retryable: again,
    operation,
    target,
    result,
    cause,
    ...more,
    details: { ...details, ...more.details },
  })
  if (error.stack !== undefined)
    Object.defineProperty(copy, 'stack', { value: error.stack.replace(error.message, () => copy.message), configurable: true, writable: true })
  return copy
}

/** Whether `error` is a {@link TransportError}, of any copy of this package, and, where `code` is given, of that code. */
export function isTransportError(error: unknown): error is TransportError
export function isTransportError<Code extends ErrorCode>(error: unknown, code: Code): error is TransportError<Code>
export function isTransportError(error: unknown, code?: ErrorCode): boolean {
  return typeof error === 'object' && error !== null && brand in error && (code === undefined || ('code' in error && error.code === code))
}
