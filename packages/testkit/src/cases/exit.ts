import assert from 'node:assert/strict'
import type { ConformanceCase } from '../case.js'
import { collect, execRequest, execute } from '../exec.js'
import { can } from '../requirements.js'

export const exitCases: readonly ConformanceCase[] = [
  {
    id: 'exec.exit-code',
    title: 'A driver declares `exitCode`, and gives each command\'s own code.',
    requires: can('exit'),
    async run({ shared, commands, declared }) {
      assert.ok(declared.capabilities.exitCode, 'exitCode is not declared: without it nobody can tell success from failure')
      const { session, connection } = await shared()
      for (const code of [0, 1, 7, 255]) assert.equal((await execute(session, commands.exit(code))).exit.code, code)
      assert.equal((await connection.run(commands.exit(42))).exitCode, 42)
    },
  },
  {
    id: 'exec.exit-code-not-guessed',
    title: 'An exit code is never guessed from what the command says.',
    requires: can('both'),
    async run({ shared, commands }) {
      const { session } = await shared()
      assert.equal((await execute(session, commands.both('exit code: 0', 'error: failed', 0))).exit.code, 0)
      assert.equal((await execute(session, commands.both('exit code: 0', '', 3))).exit.code, 3)
    },
  },
  {
    id: 'exec.signal',
    title: 'A command killed by a signal has the code null and the signal\'s bare name (KILL), or 128 and the signal\'s number: never 0.',
    requires: can('killItself'),
    async run({ shared, commands }) {
      const { session } = await shared()
      const { exit } = await execute(session, commands.killItself ?? '')
      if (exit.code === null) assert.equal(exit.signal, 'KILL')
      else assert.deepEqual([exit.code, exit.signal], [137, null])
    },
  },
  {
    id: 'exec.one-exit',
    title: 'An exec gives exactly one exit event.',
    requires: can('both'),
    async run({ shared, commands }) {
      const { session } = await shared()
      const { exits, error } = await collect(session.exec(execRequest(commands.both('out', 'err'))))
      assert.equal(error, undefined)
      assert.equal(exits.length, 1)
    },
  },
  {
    id: 'exec.exit-last',
    title: 'Nothing comes after the exit event: neither output nor an error.',
    requires: can('both'),
    async run({ shared, commands }) {
      const { session } = await shared()
      const { events, error } = await collect(session.exec(execRequest(commands.both('out', 'err'))))
      assert.equal(error, undefined)
      const exit = events.findIndex((event) => event.type === 'exit')
      assert.deepEqual(exit === -1 ? [] : events.slice(exit + 1), [])
    },
  },
  {
    id: 'exec.ends',
    title: 'After the exit event the generator ends.',
    requires: can('both'),
    async run({ shared, commands }) {
      const { session } = await shared()
      const iterator = session.exec(execRequest(commands.both('out', 'err', 9)))[Symbol.asyncIterator]()
      let step = await iterator.next()
      while (step.done !== true) step = await iterator.next()
    },
  },
]
