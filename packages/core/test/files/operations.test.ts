import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFiles } from '../../src/files/create-files.js'
import { createLocalRunner, ways } from './local-runner.js'

let root = ''
beforeAll(async () => { root = await mkdtemp(join(tmpdir(), 'train-operations-')) })
afterAll(() => rm(root, { recursive: true, force: true }))

const missing = { code: 'FILE_NOT_FOUND' }
const reason = (word: string): object => ({ code: 'FILE_ERROR', details: { reason: word } })
const collect = async <Value>(source: AsyncIterable<Value>): Promise<readonly Value[]> => {
  const all: Value[] = []
  for await (const value of source) all.push(value)
  return all
}

for (const [name, options] of Object.entries(ways)) {
  describe(`operations over ${name}`, () => {
    const runner = createLocalRunner(options)
    const { file, temporaryDirectory, temporaryFile } = createFiles({ runner: () => Promise.resolve(runner), native: undefined })
    const place = (label: string): Promise<string> => mkdtemp(join(root, label))
    const once = async (work: () => Promise<unknown>): Promise<void> => {
      const before = runner.scripts.length
      await work()
      expect(runner.scripts.length - before).toBe(1)
    }

    it('makes directories, with those on the way', async () => {
      const directory = await place('make')
      await once(() => file(join(directory, 'a/b/c')).makeDirectory({ mode: 0o2750 }))
      expect((await stat(join(directory, 'a/b/c'))).mode & 0o7777).toBe(0o2750)
      await file(join(directory, 'a/b/c')).makeDirectory()
      expect((await stat(join(directory, 'a/b/c'))).mode & 0o7777).toBe(0o2750)
      await writeFile(join(directory, 'f'), '')
      await expect(file(join(directory, 'f')).makeDirectory()).rejects.toMatchObject(reason('exists'))
      await expect(file(join(directory, 'f', 'g')).makeDirectory()).rejects.toMatchObject(reason('not-a-directory'))
      await symlink('a', join(directory, 'link'))
      await file(join(directory, 'link')).makeDirectory()
    })

    it('removes what it is told, and no more', async () => {
      const directory = await place('remove')
      await mkdir(join(directory, 'a/b'), { recursive: true })
      await writeFile(join(directory, 'a/.hidden'), '')
      await symlink('a', join(directory, 'link'))
      await symlink('nowhere', join(directory, 'dangling'))
      await expect(file(join(directory, 'a')).remove()).rejects.toMatchObject(reason('not-empty'))
      await once(() => file(join(directory, 'link')).remove({ recursive: true }))
      await file(join(directory, 'dangling')).remove()
      expect(await readdir(directory)).toEqual(['a'])
      await file(join(directory, 'a/b')).remove()
      await file(join(directory, 'a')).remove({ recursive: true })
      await expect(file(join(directory, 'a')).remove({ recursive: true })).rejects.toMatchObject(missing)
      await once(() => file(join(directory, 'a')).remove({ missingOk: true }))
      for (const path of ['/', '//', '.', '..', '/etc/..', 'a/.', '../']) await expect(file(path).remove({ recursive: true })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
    })

    it('renames as rename(2) does', async () => {
      const directory = await place('rename')
      const at = (path: string): string => join(directory, path)
      await writeFile(at('f'), 'f')
      await writeFile(at('g'), 'g')
      await mkdir(at('d/x'), { recursive: true })
      await mkdir(at('empty'))
      await mkdir(at('full/y'), { recursive: true })
      await symlink('full', at('link'))
      await once(() => file(at('f')).rename(at('g')))
      expect(await readFile(at('g'), 'utf8')).toBe('f')
      await expect(file(at('g')).rename(at('empty'))).rejects.toMatchObject(reason('is-a-directory'))
      await expect(file(at('d')).rename(at('full'))).rejects.toMatchObject(reason('not-empty'))
      await expect(file(at('d')).rename(at('g'))).rejects.toMatchObject(reason('not-a-directory'))
      await expect(file(at('d')).rename(at('d/x/in'))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
      await expect(file(at('none')).rename(at('g'))).rejects.toMatchObject(missing)
      await expect(file(at('g')).rename(at('none/g'))).rejects.toMatchObject(missing)
      await file(at('d')).rename(at('empty'))
      expect((await readdir(directory)).sort()).toEqual(['empty', 'full', 'g', 'link'])
      await file(at('empty')).rename(at('empty'))
      await expect(file(at('g')).rename(at('full'), { exclusive: true })).rejects.toMatchObject(reason('exists'))
      await expect(file(at('g')).rename(at('link'), { exclusive: true })).rejects.toMatchObject(reason('exists'))
      await file(at('g')).rename(at('link'))
      expect((await lstat(at('link'))).isFile()).toBe(true)
    })

    it('copies files whole and directories with all that is in them', async () => {
      const directory = await place('copy')
      const at = (path: string): string => join(directory, path)
      await writeFile(at('f'), 'f', { mode: 0o640 })
      await mkdir(at('d/sub'), { recursive: true })
      await writeFile(at('d/sub/.x'), 'x')
      await symlink('../f', at('d/link'))
      await once(() => file(at('f')).copy(at('g')))
      expect((await stat(at('g'))).mode & 0o7777).toBe(0o640)
      await expect(file(at('d')).copy(at('e'))).rejects.toMatchObject(reason('is-a-directory'))
      await file(at('d')).copy(at('e'), { recursive: true })
      expect(await readFile(at('e/sub/.x'), 'utf8')).toBe('x')
      expect(await readlink(at('e/link'))).toBe('../f')
      await writeFile(at('e/more'), '')
      await file(at('d')).copy(at('e'), { recursive: true })
      expect((await readdir(at('e'))).sort()).toEqual(['link', 'more', 'sub'])
      await expect(file(at('d')).copy(at('d/sub/in'), { recursive: true })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
      await expect(file(at('d')).copy(at('f'), { recursive: true })).rejects.toMatchObject(reason('not-a-directory'))
      await expect(file(at('f')).copy(at('d'))).rejects.toMatchObject(reason('is-a-directory'))
      await expect(file(at('none')).copy(at('x'))).rejects.toMatchObject(missing)
      expect((await readdir(directory)).sort()).toEqual(['d', 'e', 'f', 'g'])
    })

    it('sets modes, owners and times; makes links', async () => {
      const directory = await place('set')
      const at = (path: string): string => join(directory, path)
      await mkdir(at('d'))
      await writeFile(at('d/f'), '')
      await once(() => file(at('d/f')).chmod(0o4711))
      expect((await stat(at('d/f'))).mode & 0o7777).toBe(0o4711)
      await file(at('d')).chmod(0o700, { recursive: true })
      expect((await stat(at('d/f'))).mode & 0o7777).toBe(0o700)
      await expect(file(at('none')).chmod(0o600)).rejects.toMatchObject(missing)
      await expect(file(at('d')).chmod(644_000)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
      if (process.getuid?.() === 0) {
        await file(at('d')).chown({ owner: 'nobody', group: 'nogroup' }, { recursive: true })
        expect(await file(at('d/f')).stat()).toMatchObject({ owner: 'nobody', group: 'nogroup' })
        await file(at('d/f')).chown({ group: '0' })
        expect((await stat(at('d/f'))).gid).toBe(0)
        await expect(file(at('d/f')).chown({ owner: 'no-such-user' })).rejects.toMatchObject(reason('unknown-owner'))
      }
      await once(() => file(at('d/f')).touch({ mtimeMs: Date.UTC(2001, 1, 3, 4, 5, 6) }))
      expect((await stat(at('d/f'))).mtimeMs).toBe(Date.UTC(2001, 1, 3, 4, 5, 6))
      await file(at('new')).touch()
      expect((await stat(at('new'))).size).toBe(0)
      await expect(file(at('other')).touch({ create: false })).rejects.toMatchObject(missing)
      await once(() => file(at('link')).symlink('-some where\n'))
      expect(await readlink(at('link'))).toBe('-some where\n')
      await expect(file(at('link')).symlink('x')).rejects.toMatchObject(reason('exists'))
      await file(at('link')).symlink('d', { replace: true })
      expect(await readlink(at('link'))).toBe('d')
      await file(at('link')).symlink('new', { replace: true })
      expect(await readlink(at('link'))).toBe('new')
      await expect(file(at('d')).symlink('x', { replace: true })).rejects.toMatchObject(reason('is-a-directory'))
      await file(at('once')).write('1', { exclusive: true })
      await expect(file(at('once')).write('2', { exclusive: true })).rejects.toMatchObject(reason('exists'))
      await expect(file(at('link')).write('2', { exclusive: true })).rejects.toMatchObject(reason('exists'))
      expect(await readFile(at('once'), 'utf8')).toBe('1')
    })

    it('lists and walks', async () => {
      const directory = await place('list')
      const names = ['a', '.b', '..c', 'd e', 'f\n', '-g', '*']
      for (const entry of names) await writeFile(join(directory, entry), entry)
      await mkdir(join(directory, 'sub/deep'), { recursive: true })
      await writeFile(join(directory, 'sub/deep/x.conf'), '')
      await writeFile(join(directory, 'sub/.y.conf'), '')
      await symlink('..', join(directory, 'sub/up'))
      await once(async () => {
        const entries = await file(directory).list()
        expect(entries.map((entry) => entry.name)).toEqual([...names, 'sub'].sort())
        expect(entries.find((entry) => entry.name === 'a')).toMatchObject({ path: join(directory, 'a'), stat: { type: 'file', size: 1 } })
      })
      const walked = (await collect(file(directory).walk())).map((entry) => entry.name)
      expect([...walked].sort()).toEqual([...names, 'sub', 'sub/.y.conf', 'sub/deep', 'sub/deep/x.conf', 'sub/up'].sort())
      expect(walked.indexOf('sub')).toBeLessThan(walked.indexOf('sub/deep'))
      expect((await collect(file(directory).glob('**/*.conf'))).map((entry) => entry.name)).toEqual(['sub/deep/x.conf'])
      expect((await collect(file(directory).glob(['**/*.conf', 'a'], { dot: true }))).map((entry) => entry.name).sort()).toEqual(['a', 'sub/.y.conf', 'sub/deep/x.conf'])
      await mkdir(join(directory, 'empty'))
      expect(await file(join(directory, 'empty')).list()).toEqual([])
      await expect(file(join(directory, 'a')).list()).rejects.toMatchObject(reason('not-a-directory'))
      await expect(file(join(directory, 'none')).list()).rejects.toMatchObject(missing)
      expect((await file('/proc').list()).length).toBeGreaterThan(10)
    })

    it('lists more than one answer holds', async () => {
      const directory = await place('pages')
      for (let index = 0; index < 260; index += 1) await writeFile(join(directory, `file-${String(index)}-${'x'.repeat(100)}`), '')
      expect(await file(directory).list()).toHaveLength(260)
    })

    it('makes temporary files that remove themselves', async () => {
      const directory = await place('temporary')
      {
        await using one = await temporaryDirectory({ directory })
        expect((await stat(String(one.path))).mode & 0o7777).toBe(0o700)
        await writeFile(join(String(one.path), 'x'), '')
        await using two = await temporaryFile({ directory })
        expect((await stat(String(two.path))).mode & 0o7777).toBe(0o600)
        await two.write(randomBytes(10))
        expect((await stat(String(two.path))).mode & 0o7777).toBe(0o600)
        expect(await readdir(directory)).toHaveLength(2)
      }
      expect(await readdir(directory)).toEqual([])
      await using somewhere = await temporaryFile()
      expect(String(somewhere.path)).toMatch(/^\/.*train-ts-/)
    })
  })
}

it.skipIf(process.getuid?.() !== 0)('says what may not be looked into', async () => {
  const directory = await mkdtemp(join(root, 'denied'))
  await chmod(root, 0o755)
  await chmod(directory, 0o755)
  await mkdir(join(directory, 'closed'), { mode: 0o700 })
  await mkdir(join(directory, 'open'))
  await writeFile(join(directory, 'open/f'), '')
  const runner = createLocalRunner({ uid: 65_534 })
  const { file } = createFiles({ runner: () => Promise.resolve(runner), native: undefined })
  await expect(collect(file(directory).walk())).rejects.toMatchObject({ code: 'PERMISSION_DENIED', details: { path: join(directory, 'closed') } })
  expect((await collect(file(directory).walk({ skipDenied: true }))).map((entry) => entry.name)).toEqual(['closed', 'open', 'open/f'])
  await expect(file(join(directory, 'closed')).list()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  await expect(file(join(directory, 'open/f')).remove()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  await expect(file(join(directory, 'open/f')).rename(join(directory, 'g'))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  await expect(file(join(directory, 'open/f')).chmod(0o777)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  await expect(file(join(directory, 'd')).makeDirectory()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  await expect(file(join(directory, 'd')).symlink('x')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  await expect(file(join(directory, 'd')).touch()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  await expect(file(join(directory, 'open/f')).copy(join(directory, 'g'))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
})

it('leaves an entry out that goes away while a directory is listed', async () => {
  const directory = await mkdtemp(join(root, 'busy'))
  for (let index = 0; index < 50; index += 1) await writeFile(join(directory, `f${String(index)}`), '')
  let asked = 0
  const runner = createLocalRunner({ farDirectory: directory, onExec: () => { asked += 1 } })
  // Files come and go for as long as the listing takes.
  const busy = new AbortController()
  const script = 'while :; do : >"$1/t1"; : >"$1/t2"; rm -f "$1/t1" "$1/t2"; done'
  const churn = import('node:child_process').then(({ spawn }) => spawn('sh', ['-c', script, 'sh', directory], { signal: busy.signal, stdio: 'ignore' }).on('error', () => undefined))
  await churn
  const { file } = createFiles({ runner: () => Promise.resolve(runner), native: undefined })
  for (let round = 0; round < 15; round += 1) expect((await file(directory).list()).filter((entry) => String(entry.name).startsWith('f'))).toHaveLength(50)
  busy.abort()
  expect(asked).toBeGreaterThanOrEqual(15)
  execFileSync('true')
})
