import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import type { ConformanceCase } from '../case.js'
import { rejectionOf } from '../expect.js'
import { all, can, offers } from '../requirements.js'

export const streamCases: readonly ConformanceCase[] = [
  {
    id: 'shell.talks',
    title: 'A `shell` is an interactive terminal: what is typed is run, its output comes back, and it ends when the shell is left.',
    requires: all(offers('shell'), can('typed')),
    async run({ connect, commands: { typed } }) {
      const { connection } = await connect()
      const stream = await connection.shell({ columns: 100, rows: 30 })
      const read = readUntil(stream, typed.answer)
      stream.write(`${typed.line}\r`)
      await read
      const ended = new Promise((resolve) => stream.once('close', resolve))
      stream.resume().write(`${typed.leave}\r`)
      await ended
    },
  },
  {
    id: 'forward.reaches',
    title: 'A stream of `forward` carries bytes to the address and back, and its end.',
    requires: offers('forward'),
    async run({ connect, target }) {
      assert.ok(target.echo !== undefined, 'this driver forwards: give the harness an `echo`, an address that the far side reaches and that sends back what it receives')
      const { connection } = await connect()
      const stream = await connection.forward(target.echo)
      const read = readUntil(stream, 'there and back')
      stream.write('there and back')
      await read
      const closed = new Promise((resolve) => stream.once('close', resolve))
      stream.resume().end()
      await closed
    },
  },
  {
    id: 'forward.refused',
    title: 'A `forward` to where nobody listens rejects.',
    requires: offers('forward'),
    async run({ connect }) {
      const { connection } = await connect()
      await rejectionOf(connection.forward({ host: 'localhost', port: 1 }).then(() => 'a stream'))
    },
  },
]

async function readUntil(stream: Duplex, text: string): Promise<void> {
  let seen = ''
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      seen += chunk.toString('latin1')
      if (!seen.includes(text)) return
      stream.off('data', onData)
      resolve()
    }
    stream.on('data', onData)
    stream.once('error', reject)
    stream.once('close', () => reject(new Error(`the stream closed after ${JSON.stringify(seen)}`)))
  })
}
