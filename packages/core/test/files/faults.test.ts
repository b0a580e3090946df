// What goes wrong in the real world, with real files: the old file stays whole, the reason is told, nothing is left behind.
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFiles } from '../../src/files/create-files.js'
import { fileError } from '../../src/files/failure.js'
import { createLocalRunner, findShell, ways } from './local-runner.js'
import type { LocalRunner, LocalRunnerOptions } from './local-runner.js'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'train-faults-'))
  await chmod(root, 0o755)
})
afterAll(() => rm(root, { recursive: true, force: true }))

const place = (label: string): Promise<string> => mkdtemp(join(root, label))
const filesOver = (options: LocalRunnerOptions): ReturnType<typeof createFiles> & { readonly runner: LocalRunner } => {
  const runner = createLocalRunner(options)
  return { ...createFiles({ runner: () => Promise.resolve(runner), native: undefined }), runner }
}
const leftovers = async (directory: string): Promise<readonly string[]> => (await readdir(directory)).filter((name) => name.startsWith('.train-ts-'))
const asRoot = process.getuid?.() === 0

describe('a transfer that is cut', () => {
  for (const [name, options] of Object.entries(ways)) {
    it(`leaves the old file whole and nothing else: aborted at any byte over ${name}`, async () => {
      const directory = await place('abort')
      const path = join(directory, 'f')
      await writeFile(path, 'old')
      const { upload, file } = filesOver(options)
      const content = randomBytes(options.stdin === undefined ? 3_000_000 : 30_000)
      const at = [0, 1, 700, Math.floor(content.length / 2), content.length - 1]
      for (const bytes of at) {
        const control = new AbortController()
        async function* source(): AsyncGenerator<Uint8Array> {
          await Promise.resolve()
          yield content.subarray(0, bytes)
          control.abort(new RangeError('enough'))
          yield content.subarray(bytes)
        }
        await expect(upload(source(), path, { signal: control.signal })).rejects.toMatchObject({ name: 'AbortError', cause: expect.any(RangeError) })
        expect(await readFile(path, 'utf8')).toBe('old')
        expect(await leftovers(directory)).toEqual([])
      }
      const control = new AbortController()
      await expect(upload(content, path, { signal: control.signal, onProgress: () => { control.abort() } })).rejects.toMatchObject({ name: 'AbortError' })
      await expect(file(path).stat({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
      expect(await readFile(path, 'utf8')).toBe('old')
      expect(await leftovers(directory)).toEqual([])
    })

    it(`leaves the local file whole: a download that is aborted over ${name}`, async () => {
      const directory = await place('abort-down')
      const [far, near] = [join(directory, 'far'), join(directory, 'near')]
      await writeFile(far, randomBytes(options.stdin === undefined ? 3_000_000 : 60_000))
      await writeFile(near, 'old')
      const { download } = filesOver(options)
      const control = new AbortController()
      await expect(download(far, near, { signal: control.signal, onProgress: () => { control.abort() } })).rejects.toMatchObject({ name: 'AbortError' })
      await expect(download(far, near, { onProgress: () => { throw new SyntaxError('mine') } })).rejects.toThrow(SyntaxError)
      expect(await readFile(near, 'utf8')).toBe('old')
      expect(await leftovers(directory)).toEqual([])
    })
  }

  it('notices a part that is lost or comes twice', async () => {
    for (const fault of ['lose', 'repeat'] as const) {
      const directory = await place('parts')
      const path = join(directory, 'f')
      await writeFile(path, 'old')
      const plain = createLocalRunner(ways['whole stdin of 20 KB, stdout of 17 KB'])
      let parts = 0
      const runner: LocalRunner = {
        ...plain,
        async run(request) {
          parts += request.input === undefined ? 0 : 1
          if (parts !== 2 || request.input === undefined) return plain.run(request)
          if (fault === 'repeat') await plain.run(request)
          return plain.run(fault === 'lose' ? { ...request, input: new Uint8Array(0) } : request)
        },
      }
      const { upload } = createFiles({ runner: () => Promise.resolve(runner), native: undefined })
      await expect(upload(randomBytes(70_000), path)).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'truncated' } })
      expect(await readFile(path, 'utf8')).toBe('old')
      expect(await leftovers(directory)).toEqual([])
    }
  })

  it('notices bytes that were changed on the way', async () => {
    const directory = await place('corrupt')
    const path = join(directory, 'f')
    await writeFile(path, 'old')
    const plain = createLocalRunner(ways['whole stdin of 20 KB, stdout of 17 KB'])
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte))
    const flipped = (input: unknown): object => (input instanceof Uint8Array ? { input: flip(input) } : {})
    const runner: LocalRunner = { ...plain, run: (request) => plain.run({ ...request, ...flipped(request.input) }) }
    const { upload } = createFiles({ runner: () => Promise.resolve(runner), native: undefined })
    await expect(upload(randomBytes(5_000), path)).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'corrupted' } })
    await expect(upload(randomBytes(50_000), path)).rejects.toMatchObject({ code: 'FILE_ERROR' })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await leftovers(directory)).toEqual([])
  })

  it('says that the far side is no POSIX shell', async () => {
    const { file } = filesOver({ shell: ['/bin/echo', 'Router>'] })
    await expect(file('/etc/passwd').stat()).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    await expect(file('/etc/passwd').text()).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
  })
})

describe('a file that changes while it is read', () => {
  it('may grow: a download is what it was at the beginning', async () => {
    const directory = await place('grow')
    const path = join(directory, 'log')
    const content = randomBytes(400_000)
    for (const options of [{}, { stdin: 'whole', limits: { command: 60_000, stdin: 20_000, stdout: 17_000 } }] as const) {
      await writeFile(path, content)
      let grown = false
      const { download } = filesOver(options)
      const result = await download(path, join(directory, 'copy'), { onProgress: () => {
        if (!grown) execFileSync('sh', ['-c', 'echo more >>"$1"', 'sh', path])
        grown = true
      } })
      expect(result.bytes).toBe(400_000)
      expect(Buffer.compare(await readFile(join(directory, 'copy')), content)).toBe(0)
    }
  })

  it('may not shrink, vanish or be replaced', async () => {
    const directory = await place('shrink')
    const path = join(directory, 'f')
    const options = { stdin: 'whole', limits: { command: 60_000, stdin: 20_000, stdout: 17_000 } } as const
    for (const [change, expected] of [
      [() => truncate(path, 20_000), { code: 'FILE_ERROR', details: { reason: 'changed' } }],
      [() => rm(path), { code: 'FILE_NOT_FOUND' }],
      [async () => { await writeFile(`${path}2`, randomBytes(60_000)); execFileSync('mv', [`${path}2`, path]) }, { code: 'FILE_ERROR', details: { reason: 'changed' } }],
      [async () => { const bytes = await readFile(path); bytes[59_000] = (bytes[59_000] ?? 0) ^ 1; bytes[0] = (bytes[0] ?? 0) ^ 1; await writeFile(path, bytes) }, { code: 'FILE_ERROR', details: { reason: 'changed' } }],
    ] as const) {
      await writeFile(path, randomBytes(60_000))
      await writeFile(join(directory, 'copy'), 'old')
      let count = 0
      const { download } = filesOver({ ...options, onExec: async () => { count += 1; if (count === 3) await change() } })
      await expect(download(path, join(directory, 'copy'))).rejects.toMatchObject(expected)
      expect(await readFile(join(directory, 'copy'), 'utf8')).toBe('old')
    }
  })

  it("reads what the kernel makes up, and says that it could not be verified", async () => {
    const directory = await place('proc')
    for (const options of Object.values(ways)) {
      const { file, download } = filesOver(options)
      expect(await file('/proc/version').text()).toBe(await readFile('/proc/version', 'utf8'))
      expect(await download('/proc/version', join(directory, 'version'))).toMatchObject({ sha256: undefined })
    }
  })
})

describe('what is never opened by accident', () => {
  it('a pipe, a socket, a device', async () => {
    const directory = await place('special')
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    await symlink('pipe', join(directory, 'link'))
    for (const options of Object.values(ways)) {
      const { file, upload, download } = filesOver(options)
      expect(await file(pipe).stat({ hash: 'sha256' })).toMatchObject({ type: 'pipe' })
      expect(await file('/dev/null').stat()).toMatchObject({ type: 'character_device' })
      for (const path of [pipe, join(directory, 'link'), '/dev/zero']) {
        await expect(file(path).bytes()).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
        await expect(file(path).write('x')).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
        await expect(file(path).write('x', { append: true })).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
        await expect(download(path, join(directory, 'x'))).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
      }
      await expect(upload(pipe, join(directory, 'y'))).rejects.toMatchObject({ details: { reason: 'not-a-file' } })
    }
    expect((await readdir(directory)).sort()).toEqual(['link', 'pipe'])
  })
})

describe('where it may not', () => {
  it.skipIf(!asRoot)('tells denied from missing at each step, as an ordinary user', async () => {
    const directory = await place('denied')
    const nobody = 65_534
    await mkdir(join(directory, 'closed'), { mode: 0o700 })
    await writeFile(join(directory, 'closed', 'f'), 'x')
    await writeFile(join(directory, 'unreadable'), 'x', { mode: 0o600 })
    await mkdir(join(directory, 'readonly'))
    await writeFile(join(directory, 'readonly', 'mine'), 'x')
    await chown(join(directory, 'readonly', 'mine'), nobody, nobody)
    await mkdir(join(directory, 'open'))
    await chown(join(directory, 'open'), nobody, nobody)
    await chmod(directory, 0o755)
    await symlink('closed/f', join(directory, 'into'))
    for (const way of Object.values(ways)) {
      const { file, files } = filesOver({ ...way, uid: nobody })
      const denied = { code: 'PERMISSION_DENIED' }
      await expect(file(join(directory, 'closed', 'f')).stat()).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'closed', 'f')).exists()).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'closed', 'none')).exists()).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'into')).stat()).rejects.toMatchObject(denied)
      expect(await file(join(directory, 'into')).stat({ follow: false })).toMatchObject({ type: 'symlink', linkTarget: 'closed/f' })
      await expect(file(join(directory, 'closed', 'f')).write('y')).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'unreadable')).text()).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'new')).write('y')).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'unreadable')).write('y', { append: true })).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'readonly', 'mine')).write('y')).rejects.toMatchObject(denied)
      await expect(file(join(directory, 'open', 'f')).write('y', { owner: 'root' })).rejects.toMatchObject(denied)
      expect(await readdir(join(directory, 'open'))).toEqual([])
      expect(await files([join(directory, 'closed', 'f'), join(directory, 'none'), join(directory, 'unreadable')])).toMatchObject([{ error: 'PERMISSION_DENIED' }, { error: 'FILE_NOT_FOUND' }, { type: 'file' }])
      expect((await file(join(directory, 'unreadable')).stat({ hash: 'sha256' })).sha256).toBeUndefined()
    }
    expect(await readFile(join(directory, 'readonly', 'mine'), 'utf8')).toBe('x')
  })

  const mounted = async (label: string, args: readonly string[], work: (directory: string) => Promise<void>): Promise<void> => {
    const directory = await place(label)
    execFileSync('mount', [...args, directory])
    try {
      await work(directory)
    } finally {
      execFileSync('umount', [directory])
    }
  }
  const canMount = asRoot && process.platform === 'linux' && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

  it.skipIf(!canMount)('no space: the old file is whole, the temporary one is gone', async () => {
    await mounted('full', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs'], async (directory) => {
      const path = join(directory, 'f')
      await writeFile(path, 'old')
      for (const way of Object.values(ways)) {
        const { file, upload } = filesOver(way)
        const noSpace = { code: 'FILE_ERROR', details: { reason: 'no-space', path } }
        await expect(file(path).write(randomBytes(100_000))).rejects.toMatchObject(noSpace)
        await expect(upload(randomBytes(100_000), path)).rejects.toMatchObject(noSpace)
        expect(await readFile(path, 'utf8')).toBe('old')
        expect(await readdir(directory)).toEqual(['f'])
      }
    })
  })

  it.skipIf(!canMount)('a read-only mount', async () => {
    await mounted('readonly', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs'], async (directory) => {
      for (const way of Object.values(ways)) {
        const { file } = filesOver(way)
        await expect(file(join(directory, 'f')).write('x')).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'read-only' } })
      }
    })
  })

  it.skipIf(!canMount)('noexec makes no difference', async () => {
    await mounted('noexec', ['-t', 'tmpfs', '-o', 'noexec', 'tmpfs'], async (directory) => {
      const { file } = filesOver({ env: { HOME: directory, TMPDIR: directory } })
      await file(join(directory, 'f')).write('x')
      expect(await file(join(directory, 'f')).text()).toBe('x')
    })
  })

  const quota = canMount ? createQuotaMount() : undefined
  it.skipIf(quota === undefined)('a disk quota (needs a kernel with ext4 and quotas)', async () => {
    if (quota === undefined) return
    try {
      const { file } = filesOver({ uid: 65_534 })
      await expect(file(join(quota, 'home', 'f')).write(randomBytes(200_000))).rejects.toMatchObject({ details: { reason: 'quota' } })
    } finally {
      spawnSync('umount', [quota])
    }
  })

  it('reads each message that it cannot test for', () => {
    expect(fileError('quota', 'write', '/x')).toMatchObject({ code: 'FILE_ERROR', details: { reason: 'quota', path: '/x' } })
    expect(fileError('failed mv: strange things', 'write', '/x').message).toContain('strange things')
  })
})

describe('a hostile environment', () => {
  const hostile: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'an empty PATH': { PATH: '' },
    'a PATH of traps': { PATH: join(tmpdir(), 'train-traps') },
    'CDPATH, IFS, a foreign locale': { CDPATH: '/usr:/etc', IFS: '/', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de', TZ: 'Asia/Tokyo', POSIXLY_CORRECT: '1', TAR_OPTIONS: '--bogus', LS_COLORS: 'x' },
    'an unwritable TMPDIR': { TMPDIR: '/nonexistent' },
  }
  beforeAll(async () => {
    const traps = join(tmpdir(), 'train-traps')
    await mkdir(traps, { recursive: true })
    for (const name of ['stat', 'cat', 'mv', 'rm', 'sh', 'head', 'wc', 'readlink', 'sha256sum']) await writeFile(join(traps, name), '#!/bin/sh\necho trapped; exit 0\n', { mode: 0o755 })
  })
  afterAll(() => rm(join(tmpdir(), 'train-traps'), { recursive: true, force: true }))

  const check = async (options: LocalRunnerOptions): Promise<void> => {
    const directory = await place('hostile')
    const { file, upload } = filesOver({ ...options, cwd: directory })
    const content = randomBytes(2_000)
    await upload(content, 'sub file', { mode: 0o600 })
    expect(Buffer.compare(await file('sub file').bytes(), content)).toBe(0)
    expect(Math.abs((await file('sub file').stat()).mtimeMs - (await stat(join(directory, 'sub file'))).mtimeMs)).toBeLessThan(1)
    await expect(file('none').stat()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  }
  for (const [name, env] of Object.entries(hostile)) it(`is of no effect: ${name}`, () => check({ env }))

  const bash = findShell('bash')
  it.skipIf(bash === undefined)('is of no effect: exported functions and options of bash', async () => {
    const functions = Object.fromEntries(['stat', 'cat', 'mv', 'rm', 'printf', 'echo', 'cd', 'test', '[', 'wc', 'command', 'head', 'readlink'].map((name) => [`BASH_FUNC_${name}%%`, '() { builtin echo shadowed; }']))
    await check({ shell: bash ?? [], env: { ...functions, SHELLOPTS: 'braceexpand:hashall:interactive-comments:noclobber:xtrace', BASH_ENV: '/nonexistent' } })
  })

  it('is of no effect: what a login profile prints', async () => {
    for (const noise of ['Welcome!\n', 'no newline', 'cafe\0\xff<', 'x'.repeat(100_000)]) await check({ noise })
  })
})

/** A small ext4 with a quota for nobody. Undefined where this kernel or this machine cannot. */
function createQuotaMount(): string | undefined {
  if (!existsSync('/usr/sbin/setquota')) return undefined
  const image = join(tmpdir(), 'train-quota.img')
  const directory = join(tmpdir(), 'train-quota')
  const steps: readonly (readonly string[])[] = [
    ['mkdir', '-p', directory], ['truncate', '-s', '8M', image], ['mkfs.ext4', '-q', '-O', 'quota', image], ['mount', '-o', 'loop,usrquota', image, directory],
    ['mkdir', `${directory}/home`], ['chown', '65534:65534', `${directory}/home`], ['setquota', '-u', '65534', '64', '64', '0', '0', directory],
  ]
  return steps.every(([program = '', ...args]) => spawnSync(program, args).status === 0) ? directory : undefined
}
