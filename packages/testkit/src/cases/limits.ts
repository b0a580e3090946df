import assert from 'node:assert/strict'
import type { ConformanceCase, Requirement } from '../case.js'
import { execute } from '../exec.js'
import { expectError } from '../expect.js'
import { all, can, limited } from '../requirements.js'

const small: Requirement = ({ capabilities }) => (capabilities.limits.command <= 1_048_576 ? true : 'declares a limit of command beyond 1 MiB')

export const limitCases: readonly ConformanceCase[] = [
  {
    id: 'command.at-limit',
    title: 'A command of as many bytes as `limits.command` declares is carried whole.',
    requires: all(limited('command'), small, can('countArgument')),
    async run({ shared, commands, declared }) {
      const { session } = await shared()
      const room = declared.capabilities.limits.command - commands.countArgument('').length
      assert.equal((await execute(session, commands.countArgument('x'.repeat(room)))).stdout.toString().trimEnd(), String(room))
    },
  },
  {
    id: 'command.over-limit',
    title: 'A command longer than `limits.command` is UNSUPPORTED before anything is sent.',
    requires: all(limited('command'), small, can('countArgument')),
    async run({ shared, commands, declared }) {
      const { connection, observed } = await shared()
      await expectError(connection.run(commands.countArgument('x'.repeat(declared.capabilities.limits.command))), 'UNSUPPORTED')
      assert.deepEqual(observed.requests.filter(({ command }) => command.includes('xxx')), [])
    },
  },
  {
    id: 'operations.undeclared',
    title: 'shell, forward, listen and loginCommand are UNSUPPORTED where the session lacks them.',
    async run({ shared, declared }) {
      const { connection } = await shared()
      const calls = {
        shell: () => connection.shell(),
        forward: () => connection.forward({ host: 'localhost', port: 1 }),
        listen: () => connection.listen({ host: 'localhost', port: 0 }),
        loginCommand: async () => connection.loginCommand(),
      }
      for (const [name, call] of Object.entries(calls)) {
        if (!declared.offers.has(name as keyof typeof calls)) await expectError(Promise.resolve(call()), 'UNSUPPORTED') // a key of calls
      }
    },
  },
]
