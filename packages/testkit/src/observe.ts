// A driver that counts what passes through it, so that a case can say "one exec" or "nothing was sent".
import type { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { AnyDriver, ExecEvent, ExecRequest, OpenContext, Session } from '@train-ts/core'

/** What reached a session since the last {@link Observed.reset}. */
export class Observed {
  /** The requests whose exec was started, in order. */
  requests: ExecRequest[] = []
  /** The most execs that ran at once. */
  mostAtOnce = 0
  /** Execs that were refused with BUSY. */
  busy = 0
  /** Calls of the other operations of the session, by name. */
  operations: string[] = []
  #running = 0
  #stdout = ''
  #listeners: (() => void)[] = []
  #died: () => void = () => undefined
  /** Resolves when the driver has said `lost`. */
  readonly lost = new Promise<void>((resolve) => { this.#died = resolve })

  reset(): void {
    this.requests = []
    this.operations = []
    this.mostAtOnce = this.#running
    this.busy = 0
    this.#stdout = ''
  }

  /** Resolves when `text` has come on stdout, and whoever pulled it has had the time to look at it. */
  async stdout(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) await new Promise<void>((resolve) => { this.#listeners.push(resolve) })
    await setImmediate()
  }

  died(): void {
    this.#died()
  }

  said(event: ExecEvent): void {
    if (event.type !== 'stdout') return
    this.#stdout = (this.#stdout + Buffer.from(event.data).toString('latin1')).slice(-65_536)
    for (const resolve of this.#listeners.splice(0)) resolve()
  }

  /** Execs that were started. */
  get execs(): number {
    return this.requests.length
  }

  started(request: ExecRequest): void {
    this.requests.push(request)
    this.#running += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running)
  }

  ended(): void {
    this.#running -= 1
  }
}

export interface ObservedOpen {
  readonly session: Session
  readonly observed: Observed
  readonly options: object
  readonly context: OpenContext
}

export interface ObserveHooks {
  /** `open` is about to be called. */
  readonly onAttempt?: () => void
  readonly onOpen?: (opened: ObservedOpen) => void
  /** The driver was given this stream by `context.dial`. */
  readonly onDial?: (stream: Duplex) => void
}

/** `driver`, watched. What it does is unchanged. */
export function observeDriver(driver: AnyDriver, hooks: ObserveHooks): AnyDriver {
  return {
    name: driver.name,
    specVersion: driver.specVersion,
    schemes: driver.schemes,
    options: driver.options,
    ...(driver.dials === undefined ? {} : { dials: driver.dials }),
    ...(driver.resolve === undefined ? {} : { resolve: driver.resolve.bind(driver) }),
    open: async (options, context) => {
      hooks.onAttempt?.()
      const observed = new Observed()
      const session = observeSession(await driver.open(options, observeContext(context, observed, hooks)), observed)
      hooks.onOpen?.({ session, observed, options, context })
      return session
    },
  }
}

function observeContext(context: OpenContext, observed: Observed, { onDial }: ObserveHooks): OpenContext {
  return {
    ...context,
    dial: async (host, port, call) => {
      const stream = await context.dial(host, port, call)
      onDial?.(stream)
      return stream
    },
    lost: (cause) => {
      context.lost(cause)
      observed.died()
    },
  }
}

/** A session whose calls are noted; the optional parts that it lacks stay absent. */
function observeSession(session: Session, observed: Observed): Session {
  const optional = ['shell', 'forward', 'listen', 'loginCommand', 'platform'] as const
  const operations = optional.flatMap((name) => {
    const operation = session[name]
    if (operation === undefined) return []
    const noted = (...values: unknown[]): unknown => {
      observed.operations.push(name)
      return Reflect.apply(operation, session, values)
    }
    return [[name, noted]]
  })
  return {
    ...(session.capabilities === undefined ? {} : { capabilities: session.capabilities }),
    ...(session.native === undefined ? {} : { native: session.native }),
    ...(session.files === undefined ? {} : { files: session.files }),
    ...(session.bulk === undefined ? {} : { bulk: session.bulk }),
    ...Object.fromEntries(operations) as Partial<Session>, // the same methods by the same names
    exec: (request) => observeExec(session.exec(request), request, observed),
    close: () => session.close(),
  }
}

/** Passes every call on as it comes: an exec that nobody pulls is not counted, and nothing is pulled ahead. */
function observeExec(events: AsyncIterable<ExecEvent>, request: ExecRequest, observed: Observed): AsyncIterable<ExecEvent> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = events[Symbol.asyncIterator]()
      let state: 'waiting' | 'running' | 'ended' = 'waiting'
      const end = (): void => {
        if (state === 'running') observed.ended()
        state = 'ended'
      }
      return {
        async next() {
          if (state === 'waiting') {
            state = 'running'
            observed.started(request)
          }
          try {
            const step = await iterator.next()
            if (step.done === true || step.value.type === 'exit') end()
            else observed.said(step.value)
            return step
          } catch (error) {
            if (error instanceof Error && 'code' in error && error.code === 'BUSY') observed.busy += 1
            end()
            throw error
          }
        },
        async return() {
          const step = await iterator.return?.()
          end()
          return step ?? { done: true, value: undefined }
        },
      }
    },
  }
}
