import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConformanceCase } from '../case.js'
import { assertSameBytes, everyByte, expectError, rejectionOf } from '../expect.js'
import { all, can, offersNo, posix } from '../requirements.js'

const files = all(posix, can('write', 'read', 'list', 'makeDirectory'))

export const fileCases: readonly ConformanceCase[] = [
  {
    id: 'files.stat',
    title: '`stat` tells a file\'s type, size, mode and owner as they are.',
    requires: files,
    async run({ shared, commands, far }) {
      const { connection } = await shared()
      const path = await far.path()
      await far.text(commands.write(path, 'twelve bytes', '640'))
      const { type, size, mode } = await connection.file(path).stat()
      assert.deepEqual([type, size, mode & 0o7777], ['file', 12, 0o640])
    },
  },
  {
    id: 'files.missing',
    title: 'A file that is not there: `exists` is false, `stat` and `text` are FILE_NOT_FOUND.',
    requires: files,
    async run({ shared, far }) {
      const { connection } = await shared()
      const file = connection.file(await far.path())
      assert.equal(await file.exists(), false)
      await expectError(file.stat(), 'FILE_NOT_FOUND')
      await expectError(file.text(), 'FILE_NOT_FOUND')
    },
  },
  {
    id: 'files.round-trip',
    title: 'What is written to a file is read from it again, byte for byte, also through a driver that is not `binary`.',
    requires: files,
    async run({ shared, far }) {
      const { connection } = await shared()
      const file = connection.file(await far.path())
      await file.write(everyByte, { mode: 0o600 })
      assertSameBytes(await file.bytes(), everyByte, 'the file')
      assert.equal((await file.stat()).mode & 0o7777, 0o600)
    },
  },
  {
    id: 'files.atomic',
    title: 'A write that fails half-way leaves the old file whole, and nothing beside it.',
    requires: files,
    async run({ connect, commands, far }) {
      const { connection } = await connect()
      const directory = await far.path()
      await far.text(commands.makeDirectory(directory))
      const path = `${directory}/a`
      await far.text(commands.write(path, 'old content', '644'))
      await rejectionOf(connection.file(path).write(breaksOff()))
      assert.equal(await far.text(commands.read(path)), 'old content')
      assert.equal(await far.text(commands.list(directory)), octal('a'))
    },
  },
  {
    id: 'files.names',
    title: 'A name may hold any bytes but NUL and the slash.',
    requires: files,
    async run({ shared, commands, far }) {
      const { connection } = await shared()
      const directory = await far.path()
      await far.text(commands.makeDirectory(directory))
      const names = ['-leading', `quote's "and" $HOME \`x\` \\ * !`, 'new\nline', 'Grüße', Buffer.from([0x66, 0xff, 0xfe])]
      for (const name of names) {
        const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name)])
        await connection.file(typeof name === 'string' ? `${directory}/${name}` : path).write('named')
        assert.equal(await connection.file(path).text(), 'named')
      }
      assert.deepEqual((await far.text(commands.list(directory))).split('\n').sort(), names.map(octal).sort())
    },
  },
  {
    id: 'files.transfer',
    title: '`upload` and `download` carry a file whole, and say its SHA-256.',
    requires: files,
    async run({ shared, far, cleanup }) {
      const { connection } = await shared()
      const local = await mkdtemp(join(tmpdir(), 'train-kit-'))
      cleanup(() => rm(local, { recursive: true }))
      const content = randomBytes(100_000)
      const path = await far.path()
      const sha256 = createHash('sha256').update(content).digest('hex')
      const up = await connection.upload(content, path, { mode: 0o640 })
      assert.deepEqual([up.bytes, up.sha256 ?? sha256], [content.byteLength, sha256])
      await connection.download(path, join(local, 'copy'))
      assertSameBytes(await readFile(join(local, 'copy')), content, 'the file that came back')
      assert.equal((await connection.file(path).stat()).mode & 0o7777, 0o640)
    },
  },
  {
    id: 'files.one-exec',
    title: 'Without a native file protocol, the metadata of a file takes at most one exec, and so does that of twenty.',
    requires: all(offersNo('files'), files),
    async run({ shared, commands, far }) {
      const { connection, observed } = await shared()
      const paths = await Promise.all(Array.from({ length: 20 }, () => far.path()))
      await far.text(commands.write(paths[0] ?? '', 'x', '644'))
      await connection.file(paths[0] ?? '').stat()
      observed.reset()
      await connection.file(paths[0] ?? '').stat()
      assert.ok(observed.execs <= 1, `${String(observed.execs)} execs for one file`)
      observed.reset()
      assert.equal((await connection.files(paths)).length, 20)
      assert.ok(observed.execs <= 1, `${String(observed.execs)} execs for twenty files`)
    },
  },
]

async function* breaksOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(1_000, 'new content ')
  throw new Error('the source broke off')
}

/** As `commands.list` shows a name. */
function octal(name: string | Uint8Array): string {
  return [...Buffer.from(name)].map((byte) => byte.toString(8).padStart(3, '0')).join('')
}
