import { abortable, reasonOf } from './abort.js'
import { TransportError } from './errors.js'

/** Why a call was stopped before its end. */
export interface ScopeOptions {
  /** The caller's signal: ABORTED, with its reason as cause. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds: TIMEOUT. */
  readonly timeout?: number | undefined
  /** What is under way, for messages: 'connect', 'run', … */
  readonly operation: string
}

/**
 * One call's own signal. It aborts for whoever is first: the caller's signal, the timeout, or `stop()` (the connection was lost or
 * closed, the output limit was reached, the consumer left its loop). `end()` removes the listener and the timer: call it always.
 */
export class CallScope {
  readonly #controller = new AbortController()
  readonly #stopListening: () => void
  readonly #timer: NodeJS.Timeout | undefined
  readonly #deadline: number | undefined

  constructor(options: ScopeOptions) {
    const { signal, timeout, operation } = options
    if (timeout !== undefined && Number.isFinite(timeout)) {
      this.#deadline = performance.now() + timeout
      this.#timer = setTimeout(() => {
        this.stop(new TransportError('TIMEOUT', `No end of ${operation} within ${String(timeout)} ms.`, {
          hint: operation === 'connect' ? 'Raise connectTimeout (ms), or check that something answers there.' : 'Raise timeout (ms per call) or commandTimeout (ms per connection).',
          details: { phase: operation, timeout },
        }))
      }, Math.min(timeout, 2 ** 31 - 1))
    }
    this.#stopListening = signal === undefined ? () => undefined : abortable(signal, (reason) => {
      this.stop(abortedBy(reason, operation))
    })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The error with which this call was stopped. */
  get stopped(): TransportError | undefined {
    const reason: unknown = this.#controller.signal.reason
    return reason instanceof TransportError ? reason : undefined
  }

  /** Milliseconds left until the timeout. */
  get remaining(): number | undefined {
    return this.#deadline === undefined ? undefined : Math.max(0, this.#deadline - performance.now())
  }

  /** The first one wins. */
  stop(error: TransportError): void {
    clearTimeout(this.#timer)
    if (!this.#controller.signal.aborted) this.#controller.abort(error)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#stopListening()
  }
}

/** The caller's abort as the one error: name `AbortError`, the signal's reason as cause. */
export function abortedBy(reason: unknown, operation: string): TransportError {
  return new TransportError('ABORTED', `The ${operation} was aborted by the caller.`, { cause: reason })
}

/** Throws ABORTED when `signal` has gone off already. */
export function checkSignal(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted === true) throw abortedBy(reasonOf(signal), operation)
}

/** The calls in flight on one session. */
export class Calls {
  readonly #scopes = new Set<CallScope>()
  #waiting: (() => void)[] = []

  add(scope: CallScope): void {
    this.#scopes.add(scope)
  }

  delete(scope: CallScope): void {
    this.#scopes.delete(scope)
    if (this.#scopes.size > 0) return
    for (const resolve of this.#waiting) resolve()
    this.#waiting = []
  }

  /** Stops them all. */
  stop(error: TransportError): void {
    for (const scope of [...this.#scopes]) scope.stop(error)
  }

  /** Resolves when none is left. */
  async idle(): Promise<void> {
    if (this.#scopes.size === 0) return
    await new Promise<void>((resolve) => { this.#waiting.push(resolve) })
  }
}
