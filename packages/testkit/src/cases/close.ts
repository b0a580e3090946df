import assert from 'node:assert/strict'
import type { Session } from '@train-ts/core'
import type { ConformanceCase } from '../case.js'
import { collect, execRequest } from '../exec.js'
import type { Collected } from '../exec.js'
import { expectError } from '../expect.js'
import { can } from '../requirements.js'
import { leftOver } from '../resources.js'
import { startProcesses } from './processes.js'

export const closeCases: readonly ConformanceCase[] = [
  {
    id: 'close.resolves',
    title: '`close` resolves, whatever the session has been through.',
    requires: can('exit'),
    async run(context) {
      const { session } = await context.connect()
      await collect(session.exec(execRequest(context.commands.exit(3))))
      await session.close()
    },
  },
  {
    id: 'close.idempotent',
    title: '`close` may be called again, at once or later, and resolves each time.',
    async run(context) {
      const { session } = await context.connect()
      await Promise.all([session.close(), session.close()])
      await session.close()
    },
  },
  {
    id: 'close.ends-exec',
    title: 'An exec under way ends with an error when its session is closed.',
    requires: can('processes'),
    async run(context) {
      const { session } = await context.connect()
      const { running } = await startProcesses(context, 'leader', onSession(session))
      await session.close()
      const { error, exits } = await running
      assert.ok(error !== undefined, `the exec ended without an error, with ${String(exits.length)} exit events`)
    },
  },
  {
    id: 'close.releases',
    title: 'When `close` has resolved, no socket, process or timer of the session is left in this process.',
    requires: can('processes'),
    async run(context) {
      // Opened now, so that what looks at the far side is not taken for the session's.
      await context.far.path()
      const left = await leftOver(async () => {
        const { session, connection } = await context.connect()
        const { running } = await startProcesses(context, 'leader', onSession(session))
        await session.close()
        await running
        await connection.close()
      })
      assert.deepEqual(left, [])
    },
  },
  {
    id: 'close.rejects-calls',
    title: 'Calls in flight reject with CONNECTION_CLOSED when the connection is closed, and so do later ones.',
    requires: can('processes'),
    async run(context) {
      const { connection } = await context.connect()
      const { running } = await startProcesses(context, 'leader', (command) => connection.run(command))
      await connection.close()
      await expectError(running, 'CONNECTION_CLOSED')
      await expectError(connection.run(context.commands.exit(0)), 'CONNECTION_CLOSED')
    },
  },
]

function onSession(session: Session): (command: string) => Promise<Collected> {
  return (command) => collect(session.exec(execRequest(command)))
}
