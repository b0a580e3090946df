import assert from 'node:assert/strict'
import { secret } from '@train-ts/core'
import type { ConformanceCase, Requirement } from '../case.js'
import { expectError } from '../expect.js'
import { all, can, declares, lacks } from '../requirements.js'

/** The driver takes it itself, or core can say it in the far shell. */
const carried = (flag: 'env' | 'cwd'): Requirement => ({ capabilities, shell }) => (capabilities[flag] || shell === 'posix' ? true : `declares no ${flag}, and core says none in a shell that is ${shell ?? 'unknown'}`)
const keepsSecrets: Requirement = ({ capabilities }) => (capabilities.env && capabilities.privateInput ? true : 'declares not both env and privateInput')
const tellsSecrets: Requirement = ({ capabilities }) => (capabilities.privateInput ? 'declares privateInput' : true)

export const environmentCases: readonly ConformanceCase[] = [
  {
    id: 'env.values',
    title: 'A variable of `env` has its value in the command, character for character.',
    requires: all(carried('env'), can('environment')),
    async run({ shared, commands }) {
      const { connection } = await shared()
      for (const value of ['plain', '', ` $HOME 'single' "double" \`ticks\` \\ ! * ; `, 'Grüße']) {
        assert.equal((await connection.run(commands.environment('TRAIN_KIT'), { env: { TRAIN_KIT: value } })).stdout, value)
      }
    },
  },
  {
    id: 'env.secret',
    title: 'Where `env` and `privateInput` are declared, a Secret reaches the command, and stands in no command line.',
    requires: all(keepsSecrets, can('environment')),
    async run({ shared, commands }) {
      const { connection, observed } = await shared()
      const { stdout } = await connection.run(commands.environment('TRAIN_KIT'), { env: { TRAIN_KIT: secret('s3cret value') } })
      assert.equal(stdout, 's3cret value')
      for (const { command } of observed.requests) assert.ok(!command.includes('s3cret'), 'the secret stands in the command that the driver got')
      if (commands.commandLines === undefined) return
      const lines = await connection.run(commands.commandLines, { env: { TRAIN_KIT: secret('s3cret value') } })
      assert.ok(!lines.stdout.includes('s3cret'), 'the secret stands in a command line on the far side')
    },
  },
  {
    id: 'env.secret-refused',
    title: 'Where `privateInput` is not declared, a Secret in `env` is UNSUPPORTED before anything is sent.',
    requires: all(tellsSecrets, carried('env'), can('environment')),
    async run({ shared, commands }) {
      const { connection, observed } = await shared()
      await expectError(connection.run(commands.environment('TRAIN_KIT'), { env: { TRAIN_KIT: secret('s3cret value') } }), 'UNSUPPORTED')
      assert.deepEqual(observed.requests.filter(({ command, env }) => env !== undefined || command.includes('TRAIN_KIT')), [])
    },
  },
  {
    id: 'cwd.used',
    title: 'A command runs in its `cwd`.',
    requires: all(carried('cwd'), can('workingDirectory', 'makeDirectory')),
    async run({ shared, commands, far }) {
      const { connection } = await shared()
      const path = `${await far.path()} it's a "place"`
      await far.text(commands.makeDirectory(path))
      assert.equal((await connection.run(commands.workingDirectory, { cwd: path })).stdout.trimEnd(), path)
    },
  },
  {
    id: 'cwd.missing',
    title: 'Where its `cwd` is not there, a command does not run: FILE_NOT_FOUND, reason cwd.',
    requires: all(carried('cwd'), can('append', 'exists')),
    async run({ shared, commands, far }) {
      const { connection } = await shared()
      const [path, mark] = [await far.path(), await far.path()]
      const error = await expectError(connection.run(commands.append(mark, 'ran'), { cwd: path }), 'FILE_NOT_FOUND')
      assert.equal(error.details.reason, 'cwd')
      assert.equal(await far.text(commands.exists(mark)), 'no')
    },
  },
  {
    id: 'pty.terminal',
    title: 'Where `pty` is declared, the command has a terminal of the size that was asked for.',
    requires: all(declares('pty'), can('terminal')),
    async run({ shared, commands }) {
      const { connection } = await shared()
      assert.match((await connection.run(commands.terminal, { pty: { columns: 100, rows: 30 } })).stdout, /^yes 30 100\r?\n$/)
      assert.match((await connection.run(commands.terminal)).stdout, /^no\r?\n$/)
    },
  },
  {
    id: 'pty.refused',
    title: 'Where `pty` is not declared, a call that asks for a terminal is UNSUPPORTED before anything is sent.',
    requires: all(lacks('pty'), can('terminal')),
    async run({ shared, commands }) {
      const { connection, observed } = await shared()
      await expectError(connection.run(commands.terminal, { pty: true }), 'UNSUPPORTED')
      assert.deepEqual(observed.requests.filter(({ command, pty }) => pty !== undefined || command.includes(commands.terminal)), [])
    },
  },
]
