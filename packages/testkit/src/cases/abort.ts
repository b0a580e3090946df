import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import type { ConformanceCase } from '../case.js'
import { collect, execRequest } from '../exec.js'
import { expectError } from '../expect.js'
import { all, can, declares } from '../requirements.js'
import { startProcesses } from './processes.js'

export const abortCases: readonly ConformanceCase[] = [
  {
    id: 'abort.before',
    title: 'A call whose signal is aborted already is ABORTED, and nothing is sent.',
    requires: can('append', 'exists'),
    async run({ shared, commands, far }) {
      const { connection, observed } = await shared()
      const path = await far.path()
      await expectError(connection.run(commands.append(path, 'ran'), { signal: AbortSignal.abort() }), 'ABORTED')
      assert.equal(observed.execs, 0)
      assert.equal(await far.text(commands.exists(path)), 'no')
    },
  },
  {
    id: 'abort.ends-exec',
    title: 'An exec whose signal aborts ends by throwing, for its outcome is unknown.',
    requires: can('processes'),
    async run(context) {
      const { session } = await context.connect()
      const controller = new AbortController()
      const { running } = await startProcesses(context, 'leader', (command) => collect(session.exec(execRequest(command, { signal: controller.signal }))))
      controller.abort(new Error('aborted by the kit'))
      const { error, exits } = await running
      assert.ok(error !== undefined, 'the generator ended without an error')
      assert.deepEqual(exits, [])
    },
  },
  {
    id: 'abort.error',
    title: 'An aborted call rejects with ABORTED, the name AbortError and the signal\'s reason as cause.',
    requires: can('processes'),
    async run(context) {
      const { connection } = await context.connect()
      const controller = new AbortController()
      const reason = new Error('the caller changed his mind')
      const { running } = await startProcesses(context, 'leader', (command) => connection.run(command, { signal: controller.signal }))
      controller.abort(reason)
      const error = await expectError(running, 'ABORTED')
      assert.equal(error.name, 'AbortError')
      assert.equal(error.cause, reason)
      assert.equal(error.result?.exitCode, null)
    },
  },
  {
    id: 'abort.keeps-output',
    title: 'Where `streaming` is declared, the error of a stopped call carries what had arrived.',
    requires: all(declares('streaming'), can('printAndWait', 'openGate')),
    async run({ connect, commands, far, cleanup }) {
      const { connection, observed } = await connect()
      const controller = new AbortController()
      const gate = await far.gate()
      const running = connection.run(commands.printAndWait('so far', gate), { signal: controller.signal })
      await Promise.race([observed.stdout('so far'), running])
      controller.abort()
      const error = await expectError(running, 'ABORTED')
      assert.equal(error.result?.stdout, 'so far')
      cleanup(() => connection.close())
    },
  },
  {
    id: 'abort.no-listener',
    title: 'When an exec has ended, it listens to its signal no longer.',
    requires: can('exit'),
    async run({ shared, commands }) {
      const { session } = await shared()
      const { signal } = new AbortController()
      for (let round = 0; round < 3; round += 1) await collect(session.exec(execRequest(commands.exit(0), { signal })))
      assert.equal(getEventListeners(signal, 'abort').length, 0)
    },
  },
]
