// How a driver is changed from outside: for the variants, which are right, and for the saboteurs, which are not.
import type { AnyDriver, DeclaredCapabilities, ExecEvent, ExecRequest, OpenContext, Session } from '@train-ts/core'

export type Change = (driver: AnyDriver) => AnyDriver

/** The same driver with another session. What `change` leaves out stays. */
export function changeSession(change: (session: Session, context: OpenContext, options: object) => Partial<Session> | Promise<Partial<Session>>): Change {
  return (driver) => ({
    ...driver,
    open: async (options, context) => {
      const session = await driver.open(options, context)
      const kept: Session = {
        ...session,
        exec: (request) => session.exec(request),
        close: () => session.close(),
      }
      return { ...kept, ...await change(session, context, options) }
    },
  })
}

export function changeCapabilities(capabilities: DeclaredCapabilities): Change {
  return changeSession((session) => ({ capabilities: { ...session.capabilities, ...capabilities } }))
}

export type Events = AsyncIterable<ExecEvent>

/** The same driver, each of its execs run by `exec`, which is given the driver's own. */
export function changeExec(exec: (request: ExecRequest, original: (request: ExecRequest) => Events) => Events): Change {
  return changeSession((session) => ({ exec: (request) => exec(request, (changed) => session.exec(changed)) }))
}

/** The same driver, with what `change` makes of each exec's events. */
export function changeEvents(change: (events: Events, request: ExecRequest) => Events): Change {
  return changeExec((request, original) => change(original(request), request))
}

/** The same driver, with what `change` makes of each event: none, one or several. */
export function mapEvents(change: (event: ExecEvent) => readonly ExecEvent[]): Change {
  return changeEvents(async function* (events) {
    for await (const event of events) yield* change(event)
  })
}

export function both(...changes: readonly Change[]): Change {
  return (driver) => changes.reduce((changed, change) => change(changed), driver)
}
