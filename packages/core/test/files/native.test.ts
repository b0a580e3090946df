// A driver's own file protocol: here node:fs plays it. The same promises as over exec.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, chown, lstat, mkdir, mkdtemp, open, readFile, readdir, readlink, realpath, rename, rm, rmdir, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileFailure, NativeFiles, NativeStat } from '../../src/driver.js'
import { createFiles } from '../../src/files/create-files.js'
import type { FilesDependencies } from '../../src/files/dependencies.js'
import { createLocalRunner } from './local-runner.js'

let root = ''
beforeAll(async () => { root = await mkdtemp(join(tmpdir(), 'train-native-')) })
afterAll(() => rm(root, { recursive: true, force: true }))
const place = (label: string): Promise<string> => mkdtemp(join(root, label))

const codes: Readonly<Record<string, FileFailure>> = {
  ENOENT: { error: 'FILE_NOT_FOUND' }, EACCES: { error: 'PERMISSION_DENIED' },
  ENOTDIR: { error: 'FILE_ERROR', reason: 'not-a-directory' }, ELOOP: { error: 'FILE_ERROR', reason: 'loop' }, ENOSPC: { error: 'FILE_ERROR', reason: 'no-space' },
}
const failure = (error: unknown): FileFailure => codes[error instanceof Error && 'code' in error ? String(error.code) : ''] ?? { error: 'FILE_ERROR', cause: error }
const throwing = async <Value>(work: Promise<Value>): Promise<Value> => work.catch((error: unknown) => {
  const { error: code, reason } = failure(error)
  throw Object.assign(new Error(String(error)), { code, details: { reason } })
})
const toPath = (path: string | Uint8Array): string | Buffer => (typeof path === 'string' ? path : Buffer.from(path))

/** Complete, over node:fs. */
const nodeFiles: NativeFiles = {
  stat: async (paths, { follow }) => Promise.all(paths.map(async (path): Promise<NativeStat | FileFailure> => {
    try {
      const found = await (follow ? stat : lstat)(toPath(path))
      const type = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : found.isSymbolicLink() ? 'symlink' : 'pipe'
      return { type, size: found.size, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid, mtimeMs: found.mtimeMs }
    } catch (error) {
      return failure(error)
    }
  })),
  async *list() { /* not asked for */ },
  async *read(path, { start, end }) {
    if (end !== undefined && end <= start) return
    yield* createReadStream(toPath(path), end === undefined ? { start } : { start, end: end - 1 }) as AsyncIterable<Buffer>
  },
  write: (path, data, { flag, mode, sync }) => throwing((async () => {
    const flags = constants.O_WRONLY | constants.O_CREAT | { truncate: constants.O_TRUNC, exclusive: constants.O_EXCL, append: constants.O_APPEND }[flag]
    const handle = await open(toPath(path), flags, mode ?? 0o666)
    try {
      for await (const chunk of data) await handle.writeFile(chunk)
      if (sync) await handle.sync()
    } finally {
      await handle.close()
    }
  })()),
  rename: (from, to) => throwing(rename(toPath(from), toPath(to))),
  remove: (path) => throwing(unlink(toPath(path)).catch(() => rmdir(toPath(path)))),
  makeDirectory: (path, mode) => throwing(mkdir(toPath(path), mode)).then(() => undefined),
  setStat: async (path, { mode, uid, gid, mtimeMs }) => {
    if (uid !== undefined && gid !== undefined) await throwing(chown(toPath(path), uid, gid))
    if (mode !== undefined) await throwing(chmod(toPath(path), mode))
    if (mtimeMs !== undefined) await throwing(utimes(toPath(path), mtimeMs / 1000, mtimeMs / 1000))
  },
  readLink: async (path) => throwing(readlink(toPath(path))),
  symlink: (target, path) => throwing(symlink(toPath(target), toPath(path))),
  realPath: async (path) => throwing(realpath(toPath(path))),
}

const over = (native: NativeFiles, runner = createLocalRunner()): ReturnType<typeof createFiles> => {
  const dependencies: FilesDependencies = { runner: () => Promise.resolve(runner), native }
  return createFiles(dependencies)
}
/** A protocol that does something to each chunk. */
const changing = (change: (chunk: Uint8Array) => Uint8Array): NativeFiles => ({
  ...nodeFiles,
  write: (to, data, options, context) => nodeFiles.write(to, changed(data, change), options, context),
})
async function* changed(data: AsyncIterable<Uint8Array>, change: (chunk: Uint8Array) => Uint8Array): AsyncGenerator<Uint8Array> {
  for await (const chunk of data) yield change(chunk)
}
const leftovers = async (directory: string): Promise<readonly string[]> => (await readdir(directory)).filter((name) => name.startsWith('.train-ts'))

describe('over a native protocol', () => {
  const { file, upload, download } = over(nodeFiles)

  it('content goes both ways, verified, with mode and progress', async () => {
    const directory = await place('round')
    const content = randomBytes(700_000)
    await writeFile(join(directory, 'local'), content, { mode: 0o750 })
    const seen: number[] = []
    expect(await upload(join(directory, 'local'), join(directory, 'far'), { onProgress: ({ bytes }) => { seen.push(bytes) } })).toMatchObject({ bytes: 700_000, way: 'native', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(seen.at(-1)).toBe(700_000)
    expect((await stat(join(directory, 'far'))).mode & 0o7777).toBe(0o750)
    expect(await download(join(directory, 'far'), join(directory, 'back'))).toMatchObject({ bytes: 700_000, way: 'native', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(Buffer.compare(await readFile(join(directory, 'back')), content)).toBe(0)
    const part: Uint8Array[] = []
    for await (const bytes of file(join(directory, 'far')).stream({ start: 100, end: 300 })) part.push(bytes)
    expect(Buffer.concat(part)).toEqual(content.subarray(100, 300))
    expect(await leftovers(directory)).toEqual([])
  })

  it('keeps what exec keeps, and refuses what exec refuses', async () => {
    const directory = await place('same')
    const at = (name: string): string => join(directory, name)
    await writeFile(at('f'), 'old', { mode: 0o640 })
    await symlink('f', at('link'))
    await symlink('new', at('dangling'))
    await symlink('loop', at('loop'))
    await file(at('link')).write('new')
    expect([await readFile(at('f'), 'utf8'), (await stat(at('f'))).mode & 0o7777]).toEqual(['new', 0o640])
    await file(at('dangling')).write('made')
    expect(await readFile(at('new'), 'utf8')).toBe('made')
    await expect(file(at('loop')).write('x')).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'loop' } })
    await expect(file(directory).write('x')).rejects.toMatchObject({ details: { reason: 'is-a-directory' } })
    await expect(file(directory).text()).rejects.toMatchObject({ details: { reason: 'is-a-directory' } })
    await expect(file(at('none/x')).write('x')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', details: { path: at('none/x') } })
    await expect(file(at('f/x')).text()).rejects.toMatchObject({ details: { reason: 'not-a-directory' } })
    await expect(file(at('f')).write('x', { exclusive: true })).rejects.toMatchObject({ details: { reason: 'exists' } })
    execFileSync('mkfifo', [at('pipe')])
    await expect(file(at('pipe')).text()).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
    await expect(file(at('pipe')).write('x')).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
    await file(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff])])).write('bytes')
    expect(await leftovers(directory)).toEqual([])
  })

  it('leaves the old file whole when it is cut, lied to or broken', async () => {
    const directory = await place('cut')
    const path = join(directory, 'f')
    await writeFile(path, 'old')
    async function* broken(): AsyncGenerator<Uint8Array> { await Promise.resolve(); yield randomBytes(2_000_000); throw new RangeError('broken') }
    await expect(upload(broken(), path)).rejects.toThrow(RangeError)
    const control = new AbortController()
    await expect(upload(randomBytes(100_000), path, { signal: control.signal, onProgress: () => { control.abort() } })).rejects.toMatchObject({ code: expect.stringMatching(/ABORTED/) })
    const cutting = changing((chunk) => chunk.subarray(1))
    await expect(over(cutting).upload(randomBytes(10_000), path)).rejects.toMatchObject({ details: { reason: 'truncated' } })
    const flipping = changing((chunk) => chunk.map((byte) => byte ^ 1))
    await expect(over(flipping).upload(randomBytes(10_000), path)).rejects.toMatchObject({ details: { reason: 'corrupted' } })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await leftovers(directory)).toEqual([])
  })

  it('falls back to exec where the server lacks something, and never uses it under sudo', async () => {
    const directory = await place('fallback')
    const refusing = new Proxy(nodeFiles, { get: () => () => Promise.reject(Object.assign(new Error('no extension'), { code: 'UNSUPPORTED' })) })
    expect(await over(refusing).upload(Buffer.from('x'), join(directory, 'f'))).toMatchObject({ way: 'exec' })
    expect(await over(refusing).download(join(directory, 'f'), join(directory, 'g'))).toMatchObject({ way: 'exec' })
    const forbidden = new Proxy(nodeFiles, { get: () => () => { throw new Error('used under sudo') } })
    const elevated = { ...createLocalRunner(), isElevated: true }
    expect(await over(forbidden, elevated).upload(Buffer.from('y'), join(directory, 'f'))).toMatchObject({ way: 'exec' })
    expect(await over(forbidden, elevated).file(join(directory, 'f')).text()).toBe('y')
  })

  it('works where there is no shell beside it: unverified, and says so', async () => {
    const directory = await place('no-shell')
    const files = over(nodeFiles, createLocalRunner({ shell: ['/bin/false'] }))
    expect(await files.upload(Buffer.from('x'), join(directory, 'f'))).toMatchObject({ way: 'native', sha256: undefined })
    expect(await files.download(join(directory, 'f'), join(directory, 'g'))).toMatchObject({ way: 'native', sha256: undefined })
  })
})
