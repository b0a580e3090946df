import type { ExecRequest } from '@train-ts/core'
import { fewAtOnce } from './behaviours.js'
import type { Change, Events } from './change.js'
import { changeSession } from './change.js'
import type { Saboteur } from './saboteur.js'
import { forever } from './saboteur.js'

/** Timers that nobody clears: what a saboteur leaves behind, until it is called off. */
const left = (): void => { setTimeout(() => undefined, 30_000) }

export const sessionSaboteurs: readonly Saboteur[] = [
  {
    name: 'leaves a timer when its open fails',
    change: (driver) => ({
      ...driver,
      open: async (options, context) => {
        try {
          return await driver.open(options, context)
        } catch (error) {
          left()
          throw error
        }
      },
    }),
    fails: ['open.failure-releases'],
  },
  {
    name: 'leaves its stream when its open fails',
    dialled: { keepsStream: true },
    fails: ['open.silent-peer'],
  },
  {
    name: 'waits for a silent peer for ever',
    dialled: { ignoresAbort: true },
    fails: ['open.silent-peer'],
  },
  {
    name: 'does not notice that the network has gone',
    dialled: { isSilent: true, isDeaf: true },
    fails: ['lost.call', 'lost.keeps-output', 'lost.next-call'],
  },
  {
    name: 'tells the calls in flight of a loss, but not core',
    dialled: { isSilent: true },
    fails: ['lost.next-call'],
  },
  {
    name: 'throws when it is closed',
    change: onClose(async (close) => { await close(); throw new Error('already gone') }),
    fails: ['close.resolves', 'close.idempotent', 'close.ends-exec', 'close.releases', 'open.failure-releases'],
  },
  {
    name: 'throws when it is closed again',
    change: onClose(async (close, count) => { await close(); if (count > 1) throw new Error('not open') }),
    fails: ['close.idempotent'],
  },
  {
    name: 'leaves its execs hanging when it is closed',
    change: changeSession(() => ({ close: async () => undefined })),
    fails: ['close.ends-exec', 'close.releases'],
  },
  {
    name: 'leaves a timer when it is closed',
    change: onClose(async (close) => { await close(); left() }),
    fails: ['close.releases', 'open.failure-releases'],
  },
  {
    name: 'runs one at a time whatever it declares',
    change: changeSession((session) => {
      let last: Promise<void> = Promise.resolve()
      return {
        async* exec(request) {
          const before = last
          let done: () => void = () => undefined
          last = new Promise((resolve) => { done = resolve })
          await before
          try {
            yield* session.exec(request)
          } finally {
            done()
          }
        },
      }
    }),
    fails: ['concurrency.kept'],
  },
  {
    name: 'fails with an error of its own where it is busy',
    change: fewAtOnce(2, () => { throw Object.assign(new Error('open failed'), { code: 'PROTOCOL_ERROR' }) }),
    fails: ['busy.code'],
  },
  {
    name: 'queues what it cannot take',
    change: fewAtOnce(2, async () => forever),
    fails: ['busy.code', 'busy.stdin', 'busy.later'],
  },
  {
    name: 'pulls stdin before it says that it is busy',
    change: fewAtOnce(2, async ({ stdin }) => { await stdin?.[Symbol.asyncIterator]().next() }),
    fails: ['busy.stdin'],
  },
  {
    name: 'says that it is busy after it has run the command',
    change: fewAtOnce(2, async (request, run) => { for await (const _ of run(request)) continue }),
    fails: ['busy.code', 'busy.stdin'],
  },
  {
    name: 'is busy for good once it has been',
    change: changeSession((session) => {
      let isBusy = false
      let running = 0
      async function* exec(request: ExecRequest): Events {
        isBusy ||= running >= 2
        if (isBusy) throw Object.assign(new Error('still busy'), { code: 'BUSY' })
        running += 1
        try {
          yield* session.exec(request)
        } finally {
          running -= 1
        }
      }
      return { capabilities: { ...session.capabilities, concurrency: 2 }, exec }
    }),
    fails: ['busy.later'],
  },
]

function onClose(change: (close: () => Promise<void>, count: number) => Promise<void>): Change {
  return changeSession((session) => {
    let count = 0
    return { close: () => change(() => session.close(), count += 1) }
  })
}
