import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { Duplex } from 'node:stream'
import type { Session } from '@train-ts/core'
import type { CaseContext, ConformanceCase, Opened } from '../case.js'
import { rejectionOf } from '../expect.js'
import { dials } from '../requirements.js'
import { leftOver } from '../resources.js'

/** How one attempt to open is made to fail. */
type Attempt = (driver: CaseContext['declared']['driver'], opened: Opened) => Promise<Session>

export const openCases: readonly ConformanceCase[] = [
  {
    id: 'open.failure-releases',
    title: 'An `open` that fails or is aborted gives back all that it took: no socket, process or timer of this process is left.',
    async run(context) {
      const { declared: { driver }, target } = context
      const opened = await context.connect()
      await opened.connection.close()
      const attempts: [string, Attempt][] = [['aborted before it began', abortedBefore], ['aborted while it was under way', abortedDuring]]
      if (driver.dials === true) attempts.push(['refused by the network', dialRefused], ['hung up on at once', dialEnded])
      for (const [what, attempt] of attempts) {
        const left = await leftOver(async () => {
          const session = await attempt(driver, opened).catch(() => undefined)
          await session?.close()
        })
        assert.deepEqual(left, [], `an open that was ${what} left something behind`)
      }
      for (const { name, options } of target.refused ?? []) {
        const left = await leftOver(() => rejectionOf(context.connect(options).then(() => `${name}: a connection`)))
        assert.deepEqual(left, [], `${name}: the failed open left something behind`)
      }
    },
  },
  {
    id: 'open.silent-peer',
    title: 'An `open` to a peer that accepts and says nothing ends when its signal aborts, and the stream that it dialled is destroyed.',
    requires: dials,
    async run(context) {
      const opened = await context.connect()
      const controller = new AbortController()
      const peer = silentPeer()
      const dialled = new Promise<void>((resolve) => {
        const opening = context.declared.driver.open(opened.options as never, { // as the driver had them before
          ...opened.context,
          signal: controller.signal,
          dial: async () => { resolve(); return peer },
        })
        context.cleanup(() => opening.then((session) => session.close(), () => undefined))
        void opening.then((session) => session.close(), () => undefined).then(() => ended())
      })
      let ended: () => void = () => undefined
      const end = new Promise<void>((resolve) => { ended = resolve })
      await dialled
      await setImmediate()
      controller.abort(new Error('nobody waits any longer'))
      await end
      assert.ok(peer.destroyed, 'the dialled stream is still open')
    },
  },
]

const abortedBefore: Attempt = (driver, { options, context }) => driver.open(options as never, { ...context, signal: AbortSignal.abort(new Error('aborted by the kit')) }) // as before

const abortedDuring: Attempt = async (driver, { options, context }) => {
  const controller = new AbortController()
  const opening = driver.open(options as never, { ...context, signal: controller.signal }) // as before
  controller.abort(new Error('aborted by the kit'))
  return opening
}

const dialRefused: Attempt = (driver, { options, context }) => driver.open(options as never, { // as before
  ...context,
  dial: async () => { throw Object.assign(new Error('refused by the kit'), { code: 'CONNECT_FAILED' }) },
})

const dialEnded: Attempt = (driver, { options, context }) => driver.open(options as never, { // as before
  ...context,
  dial: async () => {
    const peer = silentPeer()
    queueMicrotask(() => { peer.push(null); peer.destroy() })
    return peer
  },
})

/** Takes everything, says nothing. */
function silentPeer(): Duplex {
  return new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
}
