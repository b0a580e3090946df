import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { ExecEvent } from '@train-ts/core'
import type { CaseContext, ConformanceCase, Requirement } from '../case.js'
import type { ProcessKind } from '../commands/commands.js'
import { collect, execRequest } from '../exec.js'
import { expectError } from '../expect.js'
import { all, can, declares } from '../requirements.js'
import { alive, startProcesses } from './processes.js'

/** The driver ends what it started, or core can do it by a second exec. */
const killable: Requirement = ({ capabilities, shell }) => (capabilities.kill === 'tree' || shell === 'posix' ? true : `declares kill 'none', and core ends nothing in a shell that is ${shell ?? 'unknown'}`)
const killsTree: Requirement = ({ capabilities }) => (capabilities.kill === 'tree' ? true : 'declares kill \'none\'')

export const killCases: readonly ConformanceCase[] = [
  stopped('leader', 'A stopped command is gone on the far side when its call rejects.'),
  stopped('tree', 'The children and grandchildren of a stopped command are gone too.'),
  stopped('session', 'A child of a stopped command that went into a session of its own is gone too.'),
  stopped('stubborn', 'A stopped command that is deaf to TERM, HUP and INT is gone too, and so is its child.'),
  {
    id: 'kill.suspended',
    title: 'With `kill: \'tree\'`, an abort ends the far side also while nobody pulls.',
    requires: all(killsTree, declares('streaming'), can('processes')),
    async run(context) {
      const { session } = await context.connect()
      const controller = new AbortController()
      const suspended: AsyncIterator<ExecEvent>[] = []
      let first: Promise<unknown> = Promise.resolve()
      const { ids } = await startProcesses(context, 'talkative', (command) => {
        const iterator = session.exec(execRequest(command, { signal: controller.signal }))[Symbol.asyncIterator]()
        suspended.push(iterator)
        first = iterator.next()
        return first.then(() => new Promise<never>(() => undefined))
      })
      await first
      controller.abort(new Error('aborted by the kit'))
      while ((await alive(context, ids)).length > 0) await setImmediate()
      for (const iterator of suspended) await collect({ [Symbol.asyncIterator]: () => iterator })
    },
  },
  {
    id: 'kill.timeout',
    title: 'A call that takes longer than its timeout rejects with TIMEOUT, and the command is gone on the far side.',
    requires: all(killable, can('processes', 'alive')),
    async run(context) {
      const { connection } = await context.connect()
      // The processes have to be there before the time is over, so the far side is measured first.
      const begun = performance.now()
      const controller = new AbortController()
      const measured = await startProcesses(context, 'tree', (command) => connection.run(command, { signal: controller.signal }))
      const timeout = 200 + 2 * (performance.now() - begun)
      controller.abort()
      await expectError(measured.running, 'ABORTED')
      const { ids, running } = await startProcesses(context, 'tree', (command) => connection.run(command, { timeout }))
      const error = await expectError(running, 'TIMEOUT')
      assert.equal(error.result?.exitCode, null)
      assert.deepEqual(await alive(context, ids), [])
    },
  },
  {
    id: 'kill.break',
    title: 'Leaving the loop over a stream ends the command on the far side before the loop is left.',
    requires: all(killable, declares('streaming'), can('processes', 'alive')),
    async run(context) {
      const { connection } = await context.connect()
      let leave: () => void = () => undefined
      const left = new Promise<void>((resolve) => { leave = resolve })
      const { ids, running } = await startProcesses(context, 'talkative', async (command) => {
        for await (const event of connection.stream(command)) {
          if (event.type !== 'stdout') continue
          await left
          break
        }
      })
      leave()
      await running
      assert.deepEqual(await alive(context, ids), [])
    },
  },
  {
    id: 'kill.close',
    title: 'Closing a connection ends its commands on the far side.',
    requires: all(killable, can('processes', 'alive')),
    async run(context) {
      const { connection } = await context.connect()
      const { ids, running } = await startProcesses(context, 'tree', (command) => connection.run(command))
      await connection.close()
      await expectError(running, 'CONNECTION_CLOSED')
      assert.deepEqual(await alive(context, ids), [])
    },
  },
  {
    id: 'kill.output-limit',
    title: 'A command that puts out more than `maxOutput` is stopped: OUTPUT_LIMIT, with what arrived.',
    requires: all(killable, declares('streaming'), can('endless')),
    async run({ connect, commands }) {
      const { connection } = await connect()
      const error = await expectError(connection.run(commands.endless, { maxOutput: 100_000 }), 'OUTPUT_LIMIT')
      assert.ok((error.result?.stdout.length ?? 0) > 0, 'the error carries no output')
      assert.equal(error.details.killed, true)
    },
  },
]

function stopped(kind: ProcessKind, title: string): ConformanceCase {
  return {
    id: `kill.${kind}`,
    title,
    requires: all(killable, can('processes', 'alive')),
    run: (context) => abortAndLook(context, kind),
  }
}

async function abortAndLook(context: CaseContext, kind: ProcessKind): Promise<void> {
  const { connection } = await context.connect()
  const controller = new AbortController()
  const { ids, running } = await startProcesses(context, kind, (command) => connection.run(command, { signal: controller.signal }))
  controller.abort()
  const error = await expectError(running, 'ABORTED')
  assert.deepEqual(await alive(context, ids), [], 'still running on the far side')
  assert.equal(error.details.killed, true, 'details.killed')
}
