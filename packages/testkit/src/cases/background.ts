import assert from 'node:assert/strict'
import type { CaseContext, ConformanceCase } from '../case.js'
import { execute } from '../exec.js'
import { assertSameBytes, filling } from '../expect.js'
import { can } from '../requirements.js'
import { alive } from './processes.js'

export const backgroundCases: readonly ConformanceCase[] = [
  {
    id: 'exec.background-child',
    title: 'A child that a command leaves in the background, holding its streams, neither holds the exit nor is ended with it.',
    requires: can('background', 'alive'),
    async run(context) {
      const { ids, collected } = await leaveBehind(context, 0)
      assert.deepEqual([collected.exit.code, collected.stdout.toString()], [0, 'started'])
      assert.deepEqual(await alive(context, ids), ids)
    },
  },
  {
    id: 'exec.background-output',
    title: 'What the command itself wrote before its end is whole, whoever holds its streams then.',
    requires: can('background'),
    async run(context) {
      const size = Math.min(300_000, context.declared.capabilities.limits.stdout - 100)
      const { collected } = await leaveBehind(context, size)
      assertSameBytes(collected.stdout.subarray('started'.length), filling(size), 'stdout')
    },
  },
]

interface LeftBehind {
  readonly ids: readonly string[]
  readonly collected: Awaited<ReturnType<typeof execute>>
}

async function leaveBehind(context: CaseContext, bytes: number): Promise<LeftBehind> {
  const { commands, far } = context
  const { session } = await context.shared()
  const gate = await far.gate()
  const reading = far.text(commands.readGate(gate))
  const collecting = execute(session, commands.background(gate, bytes))
  collecting.catch(() => undefined)
  const ids = (await reading).split('\n')
  context.cleanup(() => far.run(commands.end(ids)))
  return { ids, collected: await collecting }
}
