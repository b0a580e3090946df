import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, link, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFiles } from '../../src/files/create-files.js'
import { compileFilter } from '../../src/files/glob.js'
import { extractTree } from '../../src/files/local-extract.js'
import { tarEnd, tarHeader, tarPadding } from '../../src/files/tar-pack.js'
import { createLocalRunner, ways } from './local-runner.js'
import type { LocalRunnerOptions } from './local-runner.js'
import { createUserland, noUserland } from './userland.js'

let root = ''
beforeAll(async () => { root = await mkdtemp(join(tmpdir(), 'train-tree-')) })
afterAll(() => rm(root, { recursive: true, force: true }))
const place = (label: string): Promise<string> => mkdtemp(join(root, label))
const filesOver = (options: LocalRunnerOptions): ReturnType<typeof createFiles> =>
  createFiles({ runner: () => Promise.resolve(createLocalRunner(options)), native: undefined })

/** Every entry below, with what has to survive: type, mode, time, content or target. */
async function describeTree(directory: string, prefix = ''): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {}
  for (const name of await readdir(directory, { encoding: 'latin1' })) {
    const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, 'latin1')])
    const stat = await lstat(path)
    const mode = (stat.mode & 0o7777).toString(8)
    const time = String(Math.floor(stat.mtimeMs / 1000))
    if (stat.isDirectory()) {
      found[prefix + name] = `directory ${mode} ${time}`
      Object.assign(found, await describeTree(path.toString('latin1') === path.toString() ? path.toString() : directory, `${prefix}${name}/`))
    } else if (stat.isSymbolicLink()) found[prefix + name] = `link ${await readlink(path)}`
    else found[prefix + name] = `file ${mode} ${time} ${(await readFile(path)).toString('base64')}`
  }
  return found
}

/** Mode and time of the directory itself. */
async function topOf(directory: string): Promise<readonly number[]> {
  const { mode, mtimeMs } = await lstat(directory)
  return [mode & 0o7777, Math.floor(mtimeMs / 1000)]
}

async function makeTree(label: string): Promise<string> {
  const directory = join(await place(label), 'tree')
  await mkdir(join(directory, 'sub/deep/er'), { recursive: true })
  await mkdir(join(directory, 'empty'))
  await mkdir(join(directory, 'closed'), { mode: 0o700 })
  await writeFile(join(directory, 'plain'), 'plain', { mode: 0o644 })
  await writeFile(join(directory, 'script.sh'), '#!/bin/sh\n', { mode: 0o755 })
  await writeFile(join(directory, 'zero'), '')
  await writeFile(join(directory, 'big'), randomBytes(30_000), { mode: 0o600 })
  await writeFile(join(directory, '.hidden'), 'h')
  await writeFile(join(directory, '-dash'), 'd')
  await writeFile(join(directory, 'new\nline '), 'n')
  await writeFile(join(directory, 'ümläut 日本'), 'u')
  await writeFile(Buffer.concat([Buffer.from(`${directory}/sub/`), Buffer.from([0x61, 0xff, 0xfe])]), 'bytes')
  await writeFile(join(directory, 'sub/deep/er', 'long-'.repeat(40)), 'long')
  await writeFile(join(directory, 'sub/x.conf'), 'x')
  await symlink('../plain', join(directory, 'sub/link'))
  await symlink('nowhere/'.repeat(20), join(directory, 'dangling'))
  await utimes(join(directory, 'plain'), 1_000_000_000, 1_000_000_000)
  await utimes(join(directory, 'empty'), 1_100_000_000, 1_100_000_000)
  await utimes(join(directory, 'sub/deep'), 1_200_000_000, 1_200_000_000)
  await chmod(directory, 0o750)
  await utimes(directory, 1_300_000_000, 1_300_000_000)
  return directory
}

for (const [name, options] of Object.entries(ways)) {
  describe(`directories over ${name}`, () => {
    const { upload, download } = filesOver(options)

    it('go there and come back with all that is in them', async () => {
      const source = await makeTree('round')
      const work = await place('round-work')
      const expected = await describeTree(source)
      const seen: number[] = []
      const sent = await upload(source, join(work, 'far'), { onProgress: ({ bytes, total }) => { seen.push(bytes); expect(total).toBe(30_000 + 5 + 10 + 1 + 1 + 1 + 1 + 5 + 4 + 1) } })
      expect(sent).toMatchObject({ files: 11, bytes: 30_029, way: 'tar' })
      expect(seen.at(-1)).toBe(30_029)
      expect(await describeTree(join(work, 'far'))).toEqual(expected)
      expect(await topOf(join(work, 'far'))).toEqual(await topOf(source))
      const back = await download(join(work, 'far'), join(work, 'back'))
      expect(back).toMatchObject({ files: 11, bytes: 30_029, way: 'tar' })
      expect(await describeTree(join(work, 'back'))).toEqual(expected)
      expect(await topOf(join(work, 'back'))).toEqual(await topOf(source))
      expect((await readdir(work)).sort()).toEqual(['back', 'far'])
    })

    it('are added to a directory that is there, or put into it by name', async () => {
      const source = await makeTree('merge')
      const work = await place('merge-work')
      await mkdir(join(work, 'far/sub'), { recursive: true })
      await writeFile(join(work, 'far/plain'), 'old')
      await writeFile(join(work, 'far/sub/kept'), 'kept')
      await symlink('/etc', join(work, 'far/script.sh'))
      await upload(source, join(work, 'far'))
      expect(await readFile(join(work, 'far/plain'), 'utf8')).toBe('plain')
      expect(await readFile(join(work, 'far/sub/kept'), 'utf8')).toBe('kept')
      expect((await lstat(join(work, 'far/script.sh'))).isFile()).toBe(true)
      expect(Object.keys(await describeTree(join(work, 'far'))).sort()).toEqual([...Object.keys(await describeTree(source)), 'sub/kept'].sort())
      await upload(source, join(work, 'far'), { toDirectory: true })
      expect(await describeTree(join(work, 'far/tree'))).toEqual(await describeTree(source))
      await mkdir(join(work, 'back'))
      await writeFile(join(work, 'back/mine'), 'mine')
      await download(join(work, 'far/tree'), join(work, 'back'))
      expect(Object.keys(await describeTree(join(work, 'back'))).sort()).toEqual([...Object.keys(await describeTree(source)), 'mine'].sort())
      await download(join(work, 'far/tree/'), join(work, 'back'), { toDirectory: true })
      expect(await describeTree(join(work, 'back/tree'))).toEqual(await describeTree(source))
      const leftovers = Object.keys(await describeTree(work)).filter((path) => path.includes('.train-ts'))
      expect(leftovers).toEqual([])
    })

    it('are filtered by patterns', async () => {
      const source = await makeTree('filter')
      const work = await place('filter-work')
      await upload(source, join(work, 'far'), { include: ['**/*.conf', 'plain'] })
      expect(Object.keys(await describeTree(join(work, 'far'))).sort()).toEqual(['plain', 'sub', 'sub/x.conf'])
      await upload(source, join(work, 'rest'), { exclude: ['sub', '**/.*', 'big'] })
      expect(Object.keys(await describeTree(join(work, 'rest'))).filter((path) => path.startsWith('sub') || path === 'big' || path === '.hidden')).toEqual([])
      await download(join(work, 'rest'), join(work, 'back'), { include: ['*.sh'] })
      expect(Object.keys(await describeTree(join(work, 'back')))).toEqual(['script.sh'])
    })

    it('collide with what is in the way before anything is changed', async () => {
      const source = await makeTree('collide')
      const work = await place('collide-work')
      await mkdir(join(work, 'far/plain'), { recursive: true })
      await expect(upload(source, join(work, 'far'))).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'is-a-directory' } })
      await writeFile(join(work, 'file'), '')
      await expect(upload(source, join(work, 'file'))).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'not-a-directory' } })
      await expect(upload(source, join(work, 'none/far'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
      await expect(download(source, join(work, 'file'))).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'not-a-directory' } })
      await expect(download(join(work, 'none'), join(work, 'x'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
      await expect(upload(source, join(work, 'x'), { mode: 0o644 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
      expect(Object.keys(await describeTree(work)).sort()).toEqual(['far', 'far/plain', 'file'])
    })

    it('leave nothing behind when they are cut', async () => {
      const source = await makeTree('cut')
      const work = await place('cut-work')
      for (const after of [1, 3, 6]) {
        const control = new AbortController()
        let calls = 0
        const onProgress = (): void => { calls += 1; if (calls === after) control.abort() }
        await expect(upload(source, join(work, 'far'), { signal: control.signal, onProgress })).rejects.toMatchObject({ name: 'AbortError' })
      }
      const control = new AbortController()
      await expect(download(source, join(work, 'back'), { signal: control.signal, onProgress: () => { control.abort() } })).rejects.toBeDefined()
      await expect(upload(source, join(work, 'far'), { onProgress: () => { throw new RangeError('mine') } })).rejects.toThrow(RangeError)
      await expect(download(source, join(work, 'back'), { onProgress: () => { throw new RangeError('mine') } })).rejects.toThrow(RangeError)
      expect(await readdir(work)).toEqual([])
    })
  })
}

describe('over other programs', () => {
  for (const [kind, without] of [['gnu', []], ['gnu', ['tar']], ['busybox', []], ['busybox', ['tar']], ['toybox', []]] as const) {
    const reason = noUserland(...(kind === 'gnu' ? ['dash'] : [kind]))
    for (const stdin of ['live', kind === 'gnu' ? 'whole' : 'none'] as const) {
      it.skipIf(reason !== undefined)(`${kind}${without.length > 0 ? ` without ${without.join()}` : ''}, stdin ${stdin}${reason === undefined ? '' : ` (${reason})`}`, async () => {
        const userland = createUserland(kind, without)
        try {
          const source = await makeTree('userland')
          const limits = stdin === 'live' ? {} : { command: 60_000, stdin: 20_000, stdout: 17_000 }
          const { upload, download } = filesOver({ shell: userland.shell, stdin, limits, env: { PATH: '/bin' } })
          const expected = await describeTree(source)
          expect(await upload(source, '/work/far')).toMatchObject({ files: 11 })
          const times = without.length > 0
          // Without tar a directory's time is not kept; busybox's tar makes links with `..` in them last of all, and so changes that of their directory.
          const lost = (key: string): boolean => times || (kind === 'busybox' && key === 'sub')
          const strip = (tree: Readonly<Record<string, string>>): unknown =>
            Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, lost(key) ? value.replace(/ \d{6,}/, '') : value]))
          expect(strip(await describeTree(join(userland.root, 'work/far')))).toEqual(strip(expected))
          await mkdir(join(userland.root, 'work/there/sub'), { recursive: true })
          await upload(source, '/work/there')
          expect(Object.keys(await describeTree(join(userland.root, 'work/there'))).sort()).toEqual(Object.keys(expected).sort())
          const work = await place('userland-back')
          expect(await download('/work/far', join(work, 'back'))).toMatchObject({ files: 11 })
          expect(strip(await describeTree(join(work, 'back')))).toEqual(strip(expected))
          expect((await readdir(join(userland.root, 'work'))).sort()).toEqual(['far', 'there'])
          expect(await readdir(join(userland.root, 'tmp'))).toEqual([])
        } finally {
          userland.remove()
        }
      })
    }
  }
})

interface Forged {
  readonly name: string
  readonly type: string
  readonly link?: string
  readonly content?: string
}

/** An archive as a hostile far side would send it. */
function forge(entries: readonly Forged[]): Uint8Array {
  return Buffer.concat([
    ...entries.flatMap(({ name, type, link: target = '', content = '' }) => {
      const header = Buffer.from(tarHeader({ name: Buffer.from(name), type: 'file', mode: 0o4755, size: content.length, mtimeMs: 0 }))
      header.write(type, 156, 'latin1')
      header.write(target, 157, 'latin1')
      header.write('        ', 148, 'latin1')
      header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
      return [header, Buffer.from(content), tarPadding(content.length)]
    }),
    tarEnd,
  ])
}

describe('a hostile far side', () => {
  const everything = compileFilter(undefined, undefined)
  const unpack = async (archive: Uint8Array, into: string, chunk = 1_000): Promise<void> => {
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < archive.length; at += chunk) yield archive.subarray(at, at + chunk)
    }
    await extractTree(source(), { root: into, newMode: undefined }, everything, { onFile: () => undefined, onBytes: () => undefined }, 'download')
  }
  const file = (name: string): Forged => ({ name, type: '0', content: 'evil' })
  const attacks: Readonly<Record<string, readonly Forged[]>> = {
    '..': [file('../evil')],
    '.. in the middle': [file('a/../../evil')],
    'an absolute name': [file('/tmp/train-evil')],
    'a link, then a file through it': [{ name: 'a', type: '2', link: '..' }, file('a/evil')],
    'a link to a directory elsewhere, twice': [{ name: 'a', type: '2', link: '../outside' }, { name: 'a', type: '5' }, file('a/evil')],
    'a hard link to a file elsewhere': [{ name: 'a', type: '1', link: '../outside/secret' }, file('a')],
    'a hard link to an absolute name': [{ name: 'a', type: '1', link: '/etc/passwd' }],
    'a hard link to a link': [{ name: 'a', type: '2', link: '../outside/secret' }, { name: 'b', type: '1', link: 'a' }, file('b')],
    'a directory with ..': [{ name: '../evil', type: '5' }],
    'a link with ..': [{ name: '../evil', type: '2', link: 'x' }],
    'through a link that was there before': [file('before/evil')],
    'a file where a directory was made': [{ name: 'd', type: '5' }, file('d')],
  }
  for (const [name, entries] of Object.entries(attacks)) {
    it(`cannot write outside the destination: ${name}`, async () => {
      const work = await place('hostile')
      await mkdir(join(work, 'outside'))
      await writeFile(join(work, 'outside/secret'), 'secret')
      await mkdir(join(work, 'in'))
      await symlink('../outside', join(work, 'in/before'))
      for (const chunk of [1, 511, 100_000]) await unpack(forge(entries), join(work, 'in'), chunk).catch((error: unknown) => { expect(error).toMatchObject({ code: expect.stringMatching(/PROTOCOL_ERROR|FILE_ERROR/) }) })
      expect((await readdir(work)).sort()).toEqual(['in', 'outside'])
      expect(await readdir(join(work, 'outside'))).toEqual(['secret'])
      expect(await readFile(join(work, 'outside/secret'), 'utf8')).toBe('secret')
      expect((await lstat(join(work, 'outside/secret'))).nlink).toBe(1)
    })
  }

  it('sends devices and pipes in vain, and no setuid bit', async () => {
    const work = await place('devices')
    await unpack(forge([{ name: 'pipe', type: '6' }, { name: 'device', type: '3' }, { name: 'block', type: '4' }, file('plain'), { name: 'hard', type: '1', link: 'plain' }]), work)
    expect((await readdir(work)).sort()).toEqual(['hard', 'plain'])
    expect((await lstat(join(work, 'plain'))).mode & 0o7000).toBe(0)
  })

  it('sends no sound archive: an error, and nothing outside', async () => {
    const good = forge([file('a'), { name: 'd', type: '5' }, file('d/b')])
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 20 }), fc.nat(good.length), async (flips, cut) => {
        const archive = Buffer.from(good.subarray(0, cut))
        for (const [at, byte] of flips) if (at < archive.length) archive[at] = byte
        const work = join(root, `fuzz-${String((round += 1))}`)
        await mkdir(join(work, 'in'), { recursive: true })
        await unpack(archive, join(work, 'in'), 700).catch(() => undefined)
        expect(await readdir(work)).toEqual(['in'])
        expect((await readdir(join(work, 'in'))).filter((name) => name.startsWith('.train-ts'))).toEqual([])
      }),
      { numRuns: 300, interruptAfterTimeLimit: 3_000 },
    )
  })

  it('is read by other tars as it was written', async () => {
    const source = await makeTree('pack')
    await link(join(source, 'plain'), join(source, 'hard'))
    const out = await place('pack-out')
    const { download } = filesOver({})
    await download(source, join(out, 'copy'))
    expect(await describeTree(join(out, 'copy'))).toEqual(await describeTree(source))
    await chmod(join(out, 'copy'), 0o755)
    execFileSync('diff', ['-r', '--no-dereference', source, join(out, 'copy')])
  })
})
