import { resolveOptions } from './options.js'
import type { ResolvedOptions } from './options.js'
import { wrapDriverError } from './driver-error.js'
import type { AnyDriver } from './driver.js'
import type { TransportError } from './errors.js'
import { withAdditions } from './errors.js'
import { proxySecrets } from './proxy.js'
import { createRedactor } from './redact.js'
import type { Redactor } from './redact.js'
import type { ParsedTarget } from './target.js'

/** A target with everything that is known before the first packet. */
export interface PreparedTarget {
  readonly driver: AnyDriver
  readonly resolved: ResolvedOptions
  readonly redactor: Redactor
}

/** Throws INVALID_OPTIONS. */
export function prepare(driver: AnyDriver, parsed: ParsedTarget | undefined, given: object): PreparedTarget {
  const resolved = resolveOptions(driver, parsed, given)
  return { driver, resolved, redactor: createRedactor([...resolved.secrets, ...proxySecrets(resolved.core.proxy)]) }
}

/** An error as users get it: the one class, with its operation and target, and without secrets. Programming mistakes stay what they are. */
export function finishError(error: unknown, operation: string, target: string, redactor: Redactor, fallback?: 'CONNECT_FAILED'): unknown {
  if (error instanceof TypeError || error instanceof RangeError) return error
  return finishFailure(wrapDriverError(error, fallback), operation, target, redactor)
}

/** The same of an error that is of the one class already. */
export function finishFailure(failure: TransportError, operation: string, target: string, redactor: Redactor): TransportError {
  const finished = withAdditions(failure, {
    operation: failure.operation ?? operation,
    target: failure.target ?? target,
    summary: redactor.text(failure.summary),
    // The caller's own reason is not ours to change.
    cause: failure.code === 'ABORTED' ? failure.cause : redactor.error(failure.cause),
  })
  return redactor.error(finished) as TransportError // the redactor's copy of a TransportError is one
}
