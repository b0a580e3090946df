// Ways in which drivers differ. Right with the capabilities that say so; over a driver that declares otherwise, sabotage.
import type { ExecEvent, ExecRequest } from '@train-ts/core'
import type { Change, Events } from './change.js'
import { both, changeCapabilities, changeEvents, changeSession, mapEvents } from './change.js'

/** What is done before BUSY is said; `run` runs an exec all the same. */
type Refuse = (request: ExecRequest, run: (request: ExecRequest) => Events) => void | Promise<void>

/** `concurrency: count`, with BUSY beyond it. */
export function fewAtOnce(count: number, refuse: Refuse = () => undefined): Change {
  return both(changeCapabilities({ concurrency: count }), changeSession((session) => {
    let running = 0
    async function* exec(request: ExecRequest): Events {
      if (running >= count) {
        await refuse(request, (refused) => session.exec(refused))
        throw Object.assign(new Error('no slot is free'), { code: 'BUSY' })
      }
      running += 1
      try {
        yield* session.exec(request)
      } finally {
        running -= 1
      }
    }
    return { exec }
  }))
}

/** Everything at the end: nothing is seen before the exit. */
export const buffering: Change = changeEvents(async function* (events) {
  const all: ExecEvent[] = []
  for await (const event of events) all.push(event)
  yield* all
})

/** stderr on the same stream as stdout. */
export const merging: Change = mapEvents((event) => [event.type === 'stderr' ? { ...event, type: 'stdout' } : event])

/** At most `limit` bytes of each stream; the rest is lost, and the exit says so where `told`. */
export function cutting(limit: number, told = true): Change {
  return changeEvents(async function* (events) {
    const left = { stdout: limit, stderr: limit }
    const cut = new Set<'stdout' | 'stderr'>()
    for await (const event of events) {
      if (event.type === 'exit') yield told && cut.size > 0 ? { ...event, truncated: [...cut] } : event
      else if (event.type === 'record') yield event
      else {
        if (event.data.byteLength > left[event.type]) cut.add(event.type)
        const data = event.data.subarray(0, left[event.type])
        left[event.type] -= data.byteLength
        if (data.byteLength > 0) yield { type: event.type, data }
      }
    }
  })
}

/** One request and one answer, as a service with a queue has it: stdin is sent whole, output comes at the end and is cut. */
export const queued: Change = both(
  buffering, cutting(24_000), fewAtOnce(2),
  changeCapabilities({
    stdin: 'whole', streaming: false, binary: false, privateInput: false,
    limits: { command: 60_000, stdin: 4_000, stdout: 24_000, stderr: 24_000 },
  }),
)

/** Declares next to nothing: exit codes alone. */
export const cautious: Change = both(
  merging, buffering, fewAtOnce(1),
  changeSession((session) => ({
    capabilities: { exitCode: true },
    exec: (request) => session.exec(request),
  })),
)
