import { raceAbort, settlesWithin } from './abort.js'
import { Calls, CallScope } from './call-scope.js'
import { completeCapabilities } from './capabilities.js'
import { wrapDriverError } from './driver-error.js'
import type { AnyDriver, Capabilities, OpenContext, Session } from './driver.js'
import { TransportError } from './errors.js'
import { Gate } from './gate.js'
import type { Residents } from './resident/residents.js'
import type { Shell } from './shell-dialect.js'

/** A session that is open, with what core keeps beside it. */
export interface LiveSession {
  readonly session: Session
  readonly capabilities: Capabilities
  readonly gate: Gate
  /** The calls in flight, so that loss and close can stop them. */
  readonly calls: Calls
  /** The question for the far shell, once asked, and its answer. */
  shell: Promise<Shell> | undefined
  knownShell: Shell | undefined
  /** The shells that stay open. */
  residents: Residents | undefined
}

export interface SourceOptions {
  readonly driver: AnyDriver
  /** As the driver's own `open` takes them. */
  readonly options: object
  readonly connectTimeout: number
  readonly context: Omit<OpenContext, 'signal' | 'lost'>
}

/**
 * Opens a session once, and again only when asked. It runs nothing, so nothing is ever run twice. `lost` marks the session dead at once and
 * stops the calls in flight.
 */
export class SessionSource {
  readonly #options: SourceOptions
  #live: LiveSession | undefined
  #dead: TransportError | undefined
  #closing: Promise<void> | undefined

  constructor(options: SourceOptions) {
    this.#options = options
  }

  /** The open session; throws CONNECTION_LOST or CONNECTION_CLOSED. */
  get live(): LiveSession {
    if (this.#closing !== undefined) throw closed()
    if (this.#dead !== undefined) throw this.#dead
    if (this.#live === undefined) throw closed()
    return this.#live
  }

  /** True while the session is open and not lost. */
  get isLive(): boolean {
    return this.#live !== undefined && this.#dead === undefined && this.#closing === undefined
  }

  /** Opens a session, or a new one after a loss. What a late `open` brings after a timeout is closed again. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closing !== undefined) throw closed()
    const { driver, options, connectTimeout, context } = this.#options
    const scope = new CallScope({ signal, timeout: connectTimeout, operation: 'connect' })
    let opened: LiveSession | undefined
    let lostEarly: { readonly cause: unknown } | undefined
    const lost = (cause: unknown): void => {
      if (opened === undefined) lostEarly = { cause }
      else this.#lose(opened, cause)
    }
    const opening = Promise.resolve().then(() => {
      scope.signal.throwIfAborted()
      return driver.open(options as never, { ...context, signal: scope.signal, lost }) // the table has checked them
    })
    let settled = false
    opening.then(
      () => {
        settled = true
      },
      () => {
        settled = true
      },
    )
    try {
      const session = await raceAbort(opening, scope.signal)
      const capabilities = completeCapabilities(session.capabilities)
      opened = {
        session,
        capabilities,
        gate: new Gate(capabilities.concurrency),
        calls: new Calls(),
        shell: undefined,
        knownShell: undefined,
        residents: undefined,
      }
    } catch (error) {
      const wrapped = scope.stopped ?? wrapDriverError(error, 'CONNECT_FAILED')
      opening
        .then(
          (session) => session.close(),
          () => undefined,
        )
        .catch(() => undefined)
      // A driver that was aborted releases what it took; give it the time to say so.
      if (!settled) await settlesWithin(opening, 1_000)
      throw wrapped
    } finally {
      scope.end()
    }
    this.#live = opened
    this.#dead = undefined
    if (lostEarly !== undefined) this.#lose(opened, lostEarly.cause)
  }

  /** Stops the calls in flight with CONNECTION_CLOSED, waits for them, and closes the session. Bounded; the second call is the first. */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const live = this.#live
    if (live === undefined) return
    await live.residents?.close()
    live.calls.stop(closed())
    await settlesWithin(live.calls.idle(), 6_000)
    await settlesWithin(
      Promise.resolve().then(() => live.session.close()),
      5_000,
    )
  }

  #lose(live: LiveSession, cause: unknown): void {
    if (this.#live !== live || this.#dead !== undefined || this.#closing !== undefined) return
    const { message, details } = wrapDriverError(cause, 'CONNECTION_LOST')
    this.#dead = new TransportError('CONNECTION_LOST', `The connection was lost: ${message}`, {
      hint: 'waitUntilReady() opens it again; no command is run twice.',
      cause,
      details,
    })
    live.calls.stop(this.#dead)
    void Promise.resolve()
      .then(() => live.session.close())
      .catch(() => undefined)
  }
}

function closed(): TransportError {
  return new TransportError('CONNECTION_CLOSED', 'This connection is closed.', { hint: 'Connect again.' })
}
