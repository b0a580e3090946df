import { changeEvents, changeExec } from './change.js'
import type { Events } from './change.js'
import type { Saboteur } from './saboteur.js'
import { forever } from './saboteur.js'

const everyKill = ['kill.leader', 'kill.tree', 'kill.session', 'kill.stubborn', 'kill.suspended', 'kill.timeout', 'kill.break', 'kill.close']

export const stoppingSaboteurs: readonly Saboteur[] = [
  {
    name: 'ignores an abort',
    faults: { end: () => forever },
    patience: 8_000,
    fails: [...everyKill, 'kill.output-limit', 'exec.backpressure', 'abort.ends-exec', 'close.ends-exec', 'close.releases'],
  },
  {
    name: 'declares that it kills, and only leaves its channel',
    faults: { end: async () => undefined },
    fails: everyKill,
  },
  {
    name: 'kills the leader only',
    faults: { end: async (machine, leader) => machine.kill(leader, 'KILL') },
    fails: ['kill.tree', 'kill.session', 'kill.stubborn', 'kill.timeout', 'kill.close'],
  },
  {
    name: 'kills the process group only',
    faults: {
      end: async (machine, leader) => {
        for (const process of machine.family(leader.id)) if (process.session === leader.session) machine.kill(process, 'KILL')
      },
    },
    fails: ['kill.session'],
  },
  {
    name: 'asks politely only',
    faults: { end: async (machine, { id }) => { for (const process of machine.family(id)) machine.kill(process, 'TERM') } },
    fails: ['kill.stubborn'],
  },
  {
    name: 'ends before the far side has gone',
    faults: {
      end: async (machine, { id }) => {
        setTimeout(() => { for (const process of machine.family(id)) machine.kill(process, 'KILL') }, 500)
      },
    },
    fails: everyKill.filter((id) => id !== 'kill.suspended'),
  },
  {
    name: 'learns of an abort only while somebody pulls',
    change: changeExec((request, original) => {
      const inner = new AbortController()
      return whilePulled(original({ ...request, signal: inner.signal }), request.signal, inner)
    }),
    fails: ['kill.suspended'],
  },
  {
    name: 'gives an exit code to a command that was stopped',
    change: changeEvents(async function* (events, request) {
      try {
        yield* events
      } catch (error) {
        if (!request.signal.aborted) throw error
        yield { type: 'exit', code: 130, signal: null }
      }
    }),
    fails: ['abort.ends-exec'],
  },
  {
    name: 'ends quietly when it is aborted',
    change: changeEvents(async function* (events, request) {
      try {
        yield* events
      } catch (error) {
        if (!request.signal.aborted) throw error
      }
    }),
    fails: ['abort.ends-exec'],
  },
  {
    name: 'leaves its listener on the signal',
    change: changeExec((request, original) => {
      request.signal.addEventListener('abort', () => undefined)
      return original(request)
    }),
    fails: ['abort.no-listener'],
  },
]

function whilePulled(events: Events, signal: AbortSignal, inner: AbortController): Events {
  return {
    [Symbol.asyncIterator]() {
      const iterator = events[Symbol.asyncIterator]()
      const abort = (): void => inner.abort(signal.reason)
      return {
        async next() {
          if (signal.aborted) abort()
          signal.addEventListener('abort', abort)
          try {
            return await iterator.next()
          } finally {
            signal.removeEventListener('abort', abort)
          }
        },
        async return() {
          abort()
          return await iterator.return?.() ?? { done: true, value: undefined }
        },
      }
    },
  }
}
