import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Session } from '@train-ts/core'
import type { CaseContext, ConformanceCase, Requirement } from '../case.js'
import { collect, execRequest, execute } from '../exec.js'
import type { Collected } from '../exec.js'
import { all, can, concurrency, stdin } from '../requirements.js'
import { Chunks } from '../stdin.js'

/** More at once would be a test of the far machine. */
const most = 16
const few: Requirement = ({ capabilities }) => (capabilities.concurrency <= most ? true : `declares concurrency ${String(capabilities.concurrency)}`)
const meeting = can('meet', 'gather', 'release')

export const concurrencyCases: readonly ConformanceCase[] = [
  {
    id: 'concurrency.kept',
    title: 'As many execs as `concurrency` declares run at once.',
    requires: all(concurrency(2), meeting),
    async run(context) {
      const { session } = await context.connect()
      const ends = await occupy(context, session, Math.min(most, context.declared.capabilities.concurrency))
      const collected = await ends()
      for (const { exits, error } of collected) assert.deepEqual([error, exits[0]?.code], [undefined, 0])
    },
  },
  {
    id: 'concurrency.gate',
    title: 'Calls beyond `concurrency` wait for their turn; none of them fails, and the driver never sees more at once.',
    requires: all(few, can('exit')),
    async run({ connect, commands, declared }) {
      const { connection, observed } = await connect()
      await connection.run(commands.exit(0))
      observed.reset()
      const codes = Array.from({ length: declared.capabilities.concurrency + 2 }, (_, index) => index)
      const results = await Promise.all(codes.map((code) => connection.run(commands.exit(code))))
      assert.deepEqual(results.map((result) => result.exitCode), codes)
      assert.ok(observed.mostAtOnce <= declared.capabilities.concurrency, `${String(observed.mostAtOnce)} at once`)
    },
  },
  {
    id: 'busy.code',
    title: 'An exec that the driver cannot take now throws BUSY as its first answer, and nothing of it runs.',
    requires: all(few, meeting, can('append', 'exists')),
    async run(context) {
      const { session } = await context.connect()
      const path = await context.far.path()
      const { error, events } = await oneTooMany(context, session, () => collect(session.exec(execRequest(context.commands.append(path, 'ran')))))
      if (error === undefined) return
      assert.equal(codeOf(error), 'BUSY', `one exec too many failed with ${inspect(error)}`)
      assert.deepEqual(events, [])
      assert.equal(await context.far.text(context.commands.exists(path)), 'no')
    },
  },
  {
    id: 'busy.stdin',
    title: 'An exec that is refused with BUSY has pulled nothing of a live stdin.',
    requires: all(few, stdin('live'), meeting, can('countInput')),
    async run(context) {
      const { session } = await context.connect()
      const stdin = new Chunks('text')
      const { error } = await oneTooMany(context, session, () => collect(session.exec(execRequest(context.commands.countInput, { stdin }))))
      if (error !== undefined) assert.equal(stdin.pulled, 0)
    },
  },
  {
    id: 'busy.later',
    title: 'After BUSY the session goes on: a slot that is free again can be used.',
    requires: all(few, meeting, can('exit')),
    async run(context) {
      const { session } = await context.connect()
      await oneTooMany(context, session, () => collect(session.exec(execRequest(context.commands.exit(0)))))
      assert.equal((await execute(session, context.commands.exit(5))).exit.code, 5)
    },
  },
]

/** `count` execs that are all there at once. The returned function lets them go, and gives what they gave. */
async function occupy(context: CaseContext, session: Session, count: number): Promise<() => Promise<readonly Collected[]>> {
  const { commands, far } = context
  const [arrivals, departure] = [await far.gate(), await far.gate()]
  const running = Array.from({ length: count }, () => collect(session.exec(execRequest(commands.meet(arrivals, departure)))))
  const failed = Promise.all(running).then((ends) => { throw new Error(`some of ${String(count)} execs did not wait: ${inspect(ends.map(({ error }) => error))}`) })
  failed.catch(() => undefined)
  await Promise.race([far.text(commands.gather(arrivals, count)), failed])
  return async () => {
    await far.text(commands.release(arrivals, departure, count))
    return Promise.all(running)
  }
}

/** What becomes of an exec that is started while as many as are declared are running. */
async function oneTooMany(context: CaseContext, session: Session, exec: () => Promise<Collected>): Promise<Collected> {
  const release = await occupy(context, session, context.declared.capabilities.concurrency)
  const collected = await exec()
  await release()
  return collected
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
