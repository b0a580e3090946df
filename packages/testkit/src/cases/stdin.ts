import assert from 'node:assert/strict'
import type { ConformanceCase } from '../case.js'
import { collect, execRequest, execute, readUntil } from '../exec.js'
import { assertSameBytes, everyByte, expectError, filling } from '../expect.js'
import { all, can, declares, limited, stdin } from '../requirements.js'
import { Chunks, Conversation } from '../stdin.js'

export const stdinCases: readonly ConformanceCase[] = [
  {
    id: 'stdin.absent',
    title: 'A command that is given no stdin finds it at its end.',
    requires: can('echo'),
    async run({ shared, commands }) {
      const { session } = await shared()
      const { stdout, exit } = await execute(session, commands.echo)
      assert.deepEqual([stdout.toString(), exit.code], ['', 0])
    },
  },
  {
    id: 'stdin.end',
    title: 'stdin reaches the command in order, and so does its end.',
    requires: all(stdin('live', 'whole'), can('echo')),
    async run({ shared, commands }) {
      const { session, connection } = await shared()
      const { stdout, exit } = await execute(session, commands.echo, { stdin: new Chunks('one ', 'two ', 'three') })
      assert.deepEqual([stdout.toString(), exit.code], ['one two three', 0])
      assert.equal((await connection.run(commands.echo, { stdin: 'through the connection' })).stdout, 'through the connection')
    },
  },
  {
    id: 'stdin.every-byte',
    title: 'Where `binary` is declared, stdin of any bytes reaches the command unchanged.',
    requires: all(declares('binary'), stdin('live', 'whole'), can('echo')),
    async run({ shared, commands }) {
      const { session } = await shared()
      assertSameBytes((await execute(session, commands.echo, { stdin: new Chunks(everyByte) })).stdout, everyByte, 'stdin through cat')
    },
  },
  {
    id: 'stdin.large',
    title: 'stdin of any size up to the declared limit reaches the command whole.',
    requires: all(stdin('live', 'whole'), can('countInput')),
    async run({ shared, commands, declared }) {
      const { session } = await shared()
      const size = Math.min(2 * 1024 * 1024, declared.capabilities.limits.stdin)
      const half = filling(Math.floor(size / 2))
      const { stdout } = await execute(session, commands.countInput, { stdin: new Chunks(half, filling(size - half.byteLength)) })
      assert.equal(stdout.toString(), String(size))
    },
  },
  {
    id: 'stdin.live',
    title: 'Where stdin is live, each chunk is sent at once: a conversation is possible.',
    requires: all(stdin('live'), declares('streaming'), can('echoLines')),
    async run({ shared, commands }) {
      const { session } = await shared()
      const conversation = new Conversation()
      const iterator = session.exec(execRequest(commands.echoLines, { stdin: conversation }))[Symbol.asyncIterator]()
      for (const word of ['first', 'second']) {
        conversation.say(`${word}\n`)
        await readUntil(iterator, `got:${word}`)
      }
      conversation.end()
      await readUntil(iterator, 'end')
      assert.equal((await collect({ [Symbol.asyncIterator]: () => iterator })).exits[0]?.code, 0)
    },
  },
  {
    id: 'stdin.unread',
    title: 'stdin that the command does not read is no error: the command\'s own exit is the outcome.',
    requires: all(stdin('live', 'whole'), can('exit')),
    async run({ shared, commands, declared }) {
      const { session } = await shared()
      const stdin = new Chunks(...Array.from({ length: 16 }, () => filling(Math.min(131_072, Math.floor(declared.capabilities.limits.stdin / 16)))))
      assert.equal((await execute(session, commands.exit(3), { stdin })).exit.code, 3)
    },
  },
  {
    id: 'stdin.endless',
    title: 'Where stdin is live, a source that never ends does not hold a command that has ended.',
    requires: all(stdin('live'), can('exit')),
    async run({ shared, commands }) {
      const { session } = await shared()
      assert.equal((await execute(session, commands.exit(4), { stdin: new Conversation() })).exit.code, 4)
    },
  },
  {
    id: 'stdin.undeclared',
    title: 'Where stdin is \'none\', a call with stdin is UNSUPPORTED before anything is sent.',
    requires: all(stdin('none'), can('echo')),
    async run({ shared, commands }) {
      const { connection, observed } = await shared()
      await expectError(connection.run(commands.echo, { stdin: 'text' }), 'UNSUPPORTED')
      assert.equal(observed.requests.filter((request) => request.command.includes(commands.echo)).length, 0)
    },
  },
  {
    id: 'stdin.over-limit',
    title: 'More stdin than the declared limit is UNSUPPORTED before anything is sent.',
    requires: all(stdin('live', 'whole'), limited('stdin'), can('countInput')),
    async run({ shared, commands, declared }) {
      const { connection, observed } = await shared()
      await expectError(connection.run(commands.countInput, { stdin: filling(declared.capabilities.limits.stdin + 1) }), 'UNSUPPORTED')
      assert.equal(observed.requests.filter((request) => request.command.includes(commands.countInput)).length, 0)
    },
  },
]
