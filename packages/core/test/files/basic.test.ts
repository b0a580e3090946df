import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFiles } from '../../src/files/create-files.js'
import { createLocalRunner, ways } from './local-runner.js'

const umask = Number.parseInt(execFileSync('sh', ['-c', 'umask'], { encoding: 'utf8' }), 8)
let root = ''
beforeAll(async () => { root = await mkdtemp(join(tmpdir(), 'train-files-')) })
afterAll(() => rm(root, { recursive: true, force: true }))

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const leftovers = async (directory: string): Promise<readonly string[]> => (await readdir(directory)).filter((name) => name.startsWith('.train-ts-'))

for (const [name, options] of Object.entries(ways)) {
  describe(`files over ${name}`, () => {
    const runner = createLocalRunner(options)
    const { file, files, upload, download } = createFiles({ runner: () => Promise.resolve(runner), native: undefined })
    const execs = async (work: () => Promise<unknown>): Promise<number> => {
      const before = runner.scripts.length
      await work()
      return runner.scripts.length - before
    }
    const place = async (label: string): Promise<string> => mkdtemp(join(root, label))

    it('answers all metadata of a file in one exec', async () => {
      const directory = await place('stat')
      const path = join(directory, 'a file')
      await writeFile(path, 'hello')
      await chmod(path, 0o4640)
      const local = await stat(path)
      expect(await execs(async () => {
        const answer = await file(path).stat({ hash: 'sha256' })
        expect(answer).toMatchObject({ type: 'file', size: 5, mode: 0o4640, uid: local.uid, gid: local.gid, linkTarget: undefined, inode: local.ino, links: 1, sha256: sha256(Buffer.from('hello')) })
        expect(Math.abs(answer.mtimeMs - local.mtimeMs)).toBeLessThan(0.01)
      })).toBe(1)
      await symlink('a file', join(directory, 'link'))
      expect(await file(join(directory, 'link')).stat()).toMatchObject({ type: 'file', size: 5, linkTarget: 'a file' })
      expect(await file(join(directory, 'link')).stat({ follow: false })).toMatchObject({ type: 'symlink', linkTarget: 'a file' })
      expect(await file(directory).stat()).toMatchObject({ type: 'directory' })
      const link = await file(join(directory, 'link')).stat()
      expect(link).toMatchObject({ path: await realpath(path), mounted: false, selinuxLabel: undefined })
      expect([link.linkedTo('a file'), link.linkedTo(await realpath(path)), link.linkedTo('/else')]).toEqual([true, true, false])
      expect([link.ownedBy(local.uid), link.ownedBy(String(local.uid)), link.ownedBy('no-such'), link.groupedInto(local.gid)]).toEqual([true, true, false, true])
      expect([link.modeMask('owner', 'w'), link.modeMask('group', 'w'), link.modeMask('all', 'r')]).toEqual([0o200, 0, 0o440])
      expect(JSON.parse(JSON.stringify(link))).not.toHaveProperty('ownedBy')
      expect((await file('/proc').stat()).mounted).toBe(true)
    })

    it('tells missing from denied, and both from what cannot be', async () => {
      const directory = await place('lost')
      await writeFile(join(directory, 'plain'), '')
      await symlink('loop', join(directory, 'loop'))
      await symlink('nowhere', join(directory, 'dangling'))
      expect(await file(join(directory, 'none')).exists()).toBe(false)
      expect(await file(join(directory, 'dangling')).exists()).toBe(false)
      expect(await file(join(directory, 'dangling')).exists({ follow: false })).toBe(true)
      await expect(file(join(directory, 'none')).stat()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', details: { path: join(directory, 'none') } })
      await expect(file(join(directory, 'none', 'deeper')).text()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
      await expect(file(join(directory, 'plain', 'deeper')).stat()).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'not-a-directory' } })
      await expect(file(join(directory, 'loop')).text()).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'loop' } })
      await expect(file(directory).text()).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'is-a-directory' } })
      await expect(file('/dev/zero').text()).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'not-a-file' } })
      await expect(file(directory).write('x')).rejects.toMatchObject({ details: { reason: 'is-a-directory' } })
      await expect(file('/dev/null').write('x')).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
      await expect(file(join(directory, 'none', 'deeper')).write('x')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
      await expect(file(join(directory, 'plain', 'deeper')).write('x')).rejects.toMatchObject({ details: { reason: 'not-a-directory' } })
    })

    it('answers many paths in their order, each by itself', async () => {
      const directory = await place('many')
      const paths = Array.from({ length: 120 }, (_, index) => join(directory, `f${String(index)}`))
      for (const [index, path] of paths.entries()) if (index % 3 !== 0) await writeFile(path, 'x'.repeat(index))
      const answers = await files(paths)
      expect(answers).toHaveLength(120)
      for (const [index, answer] of answers.entries()) expect(answer).toMatchObject(index % 3 === 0 ? { error: 'FILE_NOT_FOUND' } : { type: 'file', size: index })
    })

    it('writes and reads any byte', async () => {
      const directory = await place('bytes')
      const bytes = randomBytes(40_000)
      const path = join(directory, 'data')
      await file(path).write(bytes)
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
      expect(Buffer.compare(await file(path).bytes(), bytes)).toBe(0)
      const parts: Uint8Array[] = []
      for await (const part of file(path).stream({ start: 9_990, end: 30_001 })) parts.push(part)
      expect(Buffer.compare(Buffer.concat(parts), bytes.subarray(9_990, 30_001))).toBe(0)
      await file(path).write('ümläut\n')
      expect(await file(path).text()).toBe('ümläut\n')
      await file(path).write('')
      expect(await file(path).bytes()).toHaveLength(0)
      expect(await leftovers(directory)).toEqual([])
    })

    it('keeps mode and place, follows links, appends', async () => {
      const directory = await place('modes')
      const path = join(directory, 'f')
      await file(path).write('one\n', { mode: 0o600 })
      expect((await stat(path)).mode & 0o7777).toBe(0o600)
      await file(path).write('two\n')
      expect((await stat(path)).mode & 0o7777).toBe(0o600)
      await symlink('f', join(directory, 'link'))
      await file(join(directory, 'link')).write('three\n', { mode: 0o644 })
      expect(await readFile(path, 'utf8')).toBe('three\n')
      expect((await stat(path)).mode & 0o7777).toBe(0o644)
      await file(path).write('four\n', { append: true })
      await file(path).write(randomBytes(0), { append: true })
      expect(await readFile(path, 'utf8')).toBe('three\nfour\n')
      await file(join(directory, 'new')).write('x'.repeat(30_000), { append: true })
      expect((await stat(join(directory, 'new'))).size).toBe(30_000)
      await file(join(directory, 'fresh')).write('x')
      expect((await stat(join(directory, 'fresh'))).mode & 0o7777).toBe(0o666 & ~umask)
    })

    it('uploads and downloads with hash, mode and progress', async () => {
      const directory = await place('transfer')
      const bytes = randomBytes(50_000)
      const local = join(directory, 'local')
      await writeFile(local, bytes)
      await chmod(local, 0o751)
      const seen: number[] = []
      const result = await upload(local, join(directory, 'far'), { onProgress: ({ bytes: sent, total, path }) => { expect([total, path]).toEqual([50_000, join(directory, 'far')]); seen.push(sent) } })
      expect(result).toMatchObject({ bytes: 50_000, files: 1, sha256: sha256(bytes) })
      expect(seen.at(-1)).toBe(50_000)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
      expect((await stat(join(directory, 'far'))).mode & 0o7777).toBe(0o751)
      const back = await download(join(directory, 'far'), join(directory, 'back'))
      expect(back).toMatchObject({ bytes: 50_000, files: 1, sha256: sha256(bytes) })
      expect(Buffer.compare(await readFile(join(directory, 'back')), bytes)).toBe(0)
      expect((await stat(join(directory, 'back'))).mode & 0o7777).toBe(0o751 & ~umask)
      await mkdir(join(directory, 'into'))
      await upload(local, join(directory, 'into'), { toDirectory: true })
      await download(join(directory, 'into', 'local'), new URL(`file://${directory}/into/`), { toDirectory: true }).catch(() => undefined)
      expect((await readFile(join(directory, 'into', 'local'))).length).toBe(50_000)
      await expect(upload(local, join(directory, 'into'))).rejects.toMatchObject({ details: { reason: 'is-a-directory' } })
      expect([...(await leftovers(directory)), ...(await leftovers(join(directory, 'into')))]).toEqual([])
    })

    it('takes content of unknown size and commits it only when it is whole', async () => {
      const directory = await place('iterable')
      const path = join(directory, 'f')
      await file(path).write('old')
      const chunk = randomBytes(7_000)
      async function* source(count: number, fail = false): AsyncGenerator<Uint8Array> {
        for (let index = 0; index < count; index += 1) { await Promise.resolve(); yield chunk }
        if (fail) throw new RangeError('the source broke')
      }
      const count = options.stdin === undefined ? 400 : 6
      await expect(upload(source(count, true), path)).rejects.toThrow(RangeError)
      expect(await readFile(path, 'utf8')).toBe('old')
      expect(await leftovers(directory)).toEqual([])
      const result = await upload(source(count), path)
      expect(result.bytes).toBe(7_000 * count)
      expect(result.sha256).toBe(sha256(await readFile(path)))
      expect(await leftovers(directory)).toEqual([])
    })
  })
}
