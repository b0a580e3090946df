import assert from 'node:assert/strict'
import type { ExecEvent } from '@train-ts/core'
import type { ConformanceCase } from '../case.js'
import { collect, execRequest, execute, readUntil } from '../exec.js'
import { assertSameBytes, everyByte, filling } from '../expect.js'
import { all, can, declares, lacks, limited } from '../requirements.js'

/** Enough for many chunks, and for more than any pipe or window holds. */
const mebibyte = 1024 * 1024
const large = 2 * mebibyte

export const outputCases: readonly ConformanceCase[] = [
  {
    id: 'exec.stdout',
    title: 'stdout arrives as it was written: no newline is added or taken, and UTF-8 stays UTF-8.',
    requires: can('stdout'),
    async run({ shared, commands }) {
      const { connection } = await shared()
      for (const text of ['x', ' spaces  stay ', 'Grüße, 世界 🚆']) {
        assert.equal((await connection.run(commands.stdout(text))).stdout, text)
      }
    },
  },
  {
    id: 'exec.verbatim',
    title: 'A command reaches the far shell exactly as it was given.',
    requires: can('stdout'),
    async run({ shared, commands }) {
      const { session } = await shared()
      const text = `a'b"c  $HOME \`x\` !e *?[ab] {1,2} ~ # ; | & > < % ^ \\ \\\\n $(x)`
      assert.equal((await execute(session, commands.stdout(text))).stdout.toString(), text)
    },
  },
  {
    id: 'exec.stderr-apart',
    title: 'Where `stderr` is declared, each byte arrives on the stream to which it was written.',
    requires: all(declares('stderr'), can('both')),
    async run({ shared, commands }) {
      const { session } = await shared()
      const { stdout, stderr } = await execute(session, commands.both('to-out', 'to-err'))
      assert.deepEqual([stdout.toString(), stderr.toString()], ['to-out', 'to-err'])
    },
  },
  {
    id: 'exec.stderr-merged',
    title: 'Where `stderr` is not declared, all output arrives as stdout.',
    requires: all(lacks('stderr'), can('both')),
    async run({ shared, commands }) {
      const { session } = await shared()
      const { stdout, stderr } = await execute(session, commands.both('to-out', 'to-err'))
      assert.equal(stderr.toString(), '')
      assert.ok(stdout.includes('to-out') && stdout.includes('to-err'), `stdout is ${JSON.stringify(stdout.toString())}`)
    },
  },
  {
    id: 'exec.every-byte',
    title: 'Where `binary` is declared, output of any bytes arrives unchanged.',
    requires: all(declares('binary'), can('everyByte')),
    async run({ shared, commands }) {
      const { session } = await shared()
      assertSameBytes((await execute(session, commands.everyByte)).stdout, everyByte, 'stdout')
    },
  },
  {
    id: 'exec.large-output',
    title: 'Output of any size arrives whole, in order, up to the declared limit.',
    requires: can('fill'),
    async run({ shared, commands, declared }) {
      const { session } = await shared()
      for (const stream of ['stdout', 'stderr'] as const) {
        if (stream === 'stderr' && !declared.capabilities.stderr) continue
        const expected = filling(Math.min(large, declared.capabilities.limits[stream]))
        const collected = await execute(session, commands.fill(expected.byteLength, stream))
        assertSameBytes(collected[stream], expected, stream)
        assert.deepEqual(collected.exit.truncated ?? [], [])
      }
    },
  },
  {
    id: 'exec.truncation-told',
    title: 'Output beyond the declared limit is cut, and the exit event names the stream in `truncated`.',
    requires: all(limited('stdout'), can('fill')),
    async run({ shared, commands, declared }) {
      const { session, connection } = await shared()
      const size = declared.capabilities.limits.stdout + 10_000
      const { exit, stdout } = await execute(session, commands.fill(size, 'stdout'))
      assert.ok(stdout.byteLength < size, 'nothing was cut')
      assert.deepEqual(exit.truncated, ['stdout'])
      assert.equal((await connection.run(commands.fill(size, 'stdout'))).truncated, true)
    },
  },
  {
    id: 'exec.streaming',
    title: 'Where `streaming` is declared, output is seen while the command runs.',
    requires: all(declares('streaming'), can('printAndWait', 'openGate')),
    async run({ shared, commands, far }) {
      const { session } = await shared()
      const gate = await far.gate()
      const iterator = session.exec(execRequest(commands.printAndWait('early', gate)))[Symbol.asyncIterator]()
      await readUntil(iterator, 'early')
      await Promise.all([far.text(commands.openGate(gate)), readUntil(iterator, 'done')])
      assert.equal((await collect({ [Symbol.asyncIterator]: () => iterator })).exits[0]?.code, 0)
    },
  },
  {
    id: 'exec.backpressure',
    title: 'Where `streaming` is declared, the far side is not read on while nobody pulls, and is when somebody does.',
    requires: all(declares('streaming'), can('fillNoting', 'write', 'read')),
    async run({ shared, commands, far }) {
      const { session } = await shared()
      const progress = await far.path()
      await far.text(commands.write(progress, '', '666'))
      const blocks = 24
      const iterator = session.exec(execRequest(commands.fillNoting(progress, blocks)))[Symbol.asyncIterator]()
      let size = await readOn(iterator, 1)
      // The far side stands still at last, either because nobody reads or because it has written everything.
      let [written, looks] = [0, 0]
      while (looks < 4) {
        const now = (await far.text(commands.read(progress))).length
        looks = now === written ? looks + 1 : 0
        written = now
      }
      assert.ok(written < blocks, `the far side wrote all of its ${String(blocks)} MiB although nobody read them`)
      // Read on, it writes on: more than it can have had in hand. That may be slow, so the rest is left.
      while (size < (written + 1) * mebibyte) size += await readOn(iterator, 1)
      await iterator.return?.()
    },
  },
]

/** Pulls until `bytes` bytes have come; how many it were. */
async function readOn(iterator: AsyncIterator<ExecEvent>, bytes: number): Promise<number> {
  let size = 0
  while (size < bytes) {
    const step = await iterator.next()
    assert.ok(step.done !== true && step.value.type !== 'exit', 'the command ended before all of its output had come')
    if (step.value.type === 'stdout') size += step.value.data.byteLength
  }
  return size
}
