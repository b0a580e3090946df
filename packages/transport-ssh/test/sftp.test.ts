import { createHash, randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CallContext, NativeFiles, Session } from '@train-ts/core'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { failure, feed, open, run } from './driver.js'
import type { Given } from './driver.js'
import { addUser, sshdPeers, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'
import { PacketCutter, toPath } from '../src/sftp/packet.js'

describeWithPeer(sshdPeers, 'files over SFTP, against the real sshd', () => {
  let sshd: Sshd
  let user: TestUser
  let session: Session
  let files: NativeFiles
  let dir: string
  const within = (signal = new AbortController().signal): CallContext => ({ signal })
  const filesOf = (from: Session): NativeFiles => from.files ?? expect.fail('no files')
  const base = (): Given => ({ port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] })
  const login = (given: Given = {}): Promise<Session> => open({ ...base(), ...given })

  beforeAll(async () => {
    sshd = await startSshd()
    user = addUser()
    session = await login()
    files = filesOf(session)
  })
  afterAll(async () => {
    await session?.close()
    user?.remove()
    await sshd?.close()
  })
  beforeEach(() => {
    dir = `${user.home}/t`
    rmSync(dir, { recursive: true, force: true })
    mkdirSync(dir, { mode: 0o777 })
    chmodSync(dir, 0o777)
  })

  type How = Partial<Parameters<NativeFiles['write']>[2]>
  const write = (path: string | Uint8Array, data: string | Uint8Array, more: How = {}): Promise<void> =>
    files.write(path, feed(data), { flag: 'truncate', mode: undefined, sync: false, ...more }, within())
  async function read(path: string, start = 0, end?: number): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const part of files.read(path, { start, end }, within())) parts.push(part)
    return Buffer.concat(parts)
  }
  const names = async (path: string): Promise<unknown[]> => {
    const found = []
    for await (const { name } of files.list(path, within())) found.push(name)
    return found.sort()
  }

  test.each([0, 1, 1000, 261_119, 261_120, 261_121, 1_000_000, 20_000_000])('%i bytes there and back', async (size) => {
    const data = randomBytes(size)
    await files.write(`${dir}/f`, feed(data.subarray(0, 10), data.subarray(10, 300_001), data.subarray(300_001)), { flag: 'truncate', mode: 0o640, sync: true }, within())
    expect(createHash('sha256').update(readFileSync(`${dir}/f`)).digest('hex')).toBe(createHash('sha256').update(data).digest('hex'))
    expect(statSync(`${dir}/f`).mode & 0o7777).toBe(0o640)
    expect((await read(`${dir}/f`)).equals(data)).toBe(true)
    expect((await read(`${dir}/f`, 5, 700)).equals(data.subarray(5, 700))).toBe(true)
    expect((await read(`${dir}/f`, size + 10)).length).toBe(0)
  })
  test('a file whose size is told as 0', async () => {
    expect((await read('/proc/cpuinfo')).toString()).toBe(readFileSync('/proc/cpuinfo', 'utf8'))
  })
  test('truncate, append, exclusive', async () => {
    await write(`${dir}/f`, 'long content')
    await write(`${dir}/f`, 'short')
    await write(`${dir}/f`, ' and more', { flag: 'append' })
    expect(readFileSync(`${dir}/f`, 'utf8')).toBe('short and more')
    expect(await failure(write(`${dir}/f`, 'x', { flag: 'exclusive' }))).toMatchObject({ code: 'FILE_ERROR' })
    await write(`${dir}/g`, 'x', { flag: 'exclusive', mode: 0o600 })
    expect(statSync(`${dir}/g`).mode & 0o7777).toBe(0o600)
  })
  test('stat of many, in their order', async () => {
    writeFileSync(`${dir}/f`, 'abc', { mode: 0o644 })
    execFileSync('ln', ['-s', 'f', `${dir}/l`])
    execFileSync('mkfifo', [`${dir}/p`])
    const paths = [`${dir}/f`, `${dir}/missing`, `${dir}/l`, dir, `${dir}/p`, '/dev/null', '/root/x/y', ...Array.from({ length: 100 }, () => `${dir}/f`)]
    const found = await files.stat(paths, { follow: false }, within())
    expect(found).toHaveLength(paths.length)
    expect(found[0]).toMatchObject({ type: 'file', size: 3, mode: 0o644, uid: 0, gid: 0, mtimeMs: Math.floor(statSync(`${dir}/f`).mtimeMs / 1000) * 1000 })
    expect(found[1]).toMatchObject({ error: 'FILE_NOT_FOUND' })
    expect(found.slice(2, 6).map((each) => ('type' in each ? each.type : each.error))).toEqual(['symlink', 'directory', 'pipe', 'character_device'])
    expect(found[6]).toMatchObject({ error: 'PERMISSION_DENIED' })
    expect((await files.stat([`${dir}/l`], { follow: true }, within()))[0]).toMatchObject({ type: 'file', size: 3 })
  })
  test('directories', async () => {
    await files.makeDirectory(`${dir}/d`, 0o2750, within())
    expect(statSync(`${dir}/d`).mode & 0o7777).toBe(0o2750)
    for (let index = 0; index < 300; index++) writeFileSync(`${dir}/d/${index}`, '')
    expect(await names(`${dir}/d`)).toHaveLength(300)
    expect(await names(dir)).toEqual(['d'])
    expect(await failure(names(`${dir}/missing`))).toMatchObject({ code: 'FILE_NOT_FOUND', details: { path: `${dir}/missing` } })
    expect(await failure(files.remove(`${dir}/d`, within()))).toMatchObject({ code: 'FILE_ERROR' })
    execFileSync('sh', ['-c', `rm ${dir}/d/*`])
    await files.remove(`${dir}/d`, within())
    expect(await names(dir)).toEqual([])
  })
  test('rename replaces, remove, links', async () => {
    await write(`${dir}/new`, 'new')
    await write(`${dir}/old`, 'old')
    await files.rename(`${dir}/new`, `${dir}/old`, within())
    expect(readFileSync(`${dir}/old`, 'utf8')).toBe('new')
    await files.symlink('old', `${dir}/s`, within())
    expect(await files.readLink(`${dir}/s`, within())).toBe('old')
    expect(await files.realPath(`${dir}/./s`, within())).toBe(`${dir}/old`)
    await files.hardLink?.(`${dir}/old`, `${dir}/hard`, within())
    expect(statSync(`${dir}/hard`).nlink).toBe(2)
    await files.remove(`${dir}/s`, within())
    expect(await names(dir)).toEqual(['hard', 'old'])
    expect(await failure(files.remove(`${dir}/s`, within()))).toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
  test('setStat changes what it is told to, and nothing else', async () => {
    await write(`${dir}/f`, 'abcdef', { mode: 0o600 })
    const before = statSync(`${dir}/f`)
    await files.setStat(`${dir}/f`, { mode: 0o4711 }, within())
    await files.setStat(`${dir}/f`, { mtimeMs: 1_000_000_000_000 }, within())
    await files.setStat(`${dir}/f`, { size: 3 }, within())
    const after = statSync(`${dir}/f`)
    expect(after).toMatchObject({ size: 3, uid: before.uid, gid: before.gid })
    await files.setStat(`${dir}/f`, { gid: before.gid }, within())
    expect(await failure(files.setStat(`${dir}/f`, { uid: 0 }, within()))).toMatchObject({ code: 'PERMISSION_DENIED' })
  })
  test('copying on the far side, and the space that is left', async () => {
    const data = randomBytes(3_000_000)
    await write(`${dir}/f`, data, { mode: 0o750 })
    await files.copy?.(`${dir}/f`, `${dir}/g`, within())
    expect(readFileSync(`${dir}/g`).equals(data)).toBe(true)
    expect(statSync(`${dir}/g`).mode & 0o777).toBe(0o750)
    const space = await files.freeSpace?.(dir, within())
    const [, told] = execFileSync('df', ['-B1', '--output=avail', dir]).toString().trim().split('\n')
    expect(Math.abs((space ?? 0) - Number(told))).toBeLessThan(500_000_000)
  })
  test('a name that is not UTF-8', async () => {
    const name = Buffer.concat([Buffer.from(`${dir}/`), Buffer.of(0xff, 0x2f - 1, 0x80)])
    await write(name, 'x')
    expect(await names(dir)).toEqual([Uint8Array.of(0xff, 0x2e, 0x80)])
    expect((await files.stat([name], { follow: true }, within()))[0]).toMatchObject({ size: 1 })
    await files.remove(name, within())
  })
  test('denied', async () => {
    expect(await failure(read('/etc/shadow'))).toMatchObject({ code: 'PERMISSION_DENIED', details: { path: '/etc/shadow' } })
    expect(await failure(write('/etc/x', 'x'))).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(await failure(read(`${dir}/missing`))).toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
  test('a full disk', async () => expect(await failure(write('/dev/full', randomBytes(1_000_000)))).toMatchObject({ code: 'FILE_ERROR' }))
  test('an abort in the middle; the channel goes on', async () => {
    const controller = new AbortController()
    let given = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        if (++given === 20) controller.abort(new Error('enough'))
        yield randomBytes(100_000)
      }
    }
    expect((await failure(files.write(`${dir}/f`, endless(), { flag: 'truncate', mode: undefined, sync: false }, within(controller.signal)))).message).toBe('enough')
    for await (const part of files.read('/dev/zero', { start: 0, end: undefined }, within())) if (part.length > 0) break
    await write(`${dir}/g`, 'fine')
    expect(readFileSync(`${dir}/g`, 'utf8')).toBe('fine')
  })
  test('twenty at once, on one channel', async () => {
    const data = Array.from({ length: 20 }, () => randomBytes(400_000))
    await Promise.all(data.map((each, index) => write(`${dir}/${index}`, each)))
    const back = await Promise.all(data.map((_each, index) => read(`${dir}/${index}`)))
    expect(back.every((each, index) => each.equals(data[index] ?? Buffer.of()))).toBe(true)
  })
  test('the SFTP server dies: that call fails, the next one opens another', async () => {
    const own = await startSshd({ config: ['Subsystem sftp /usr/lib/openssh/sftp-server'], subsystem: false })
    const over = await open({ port: own.port, user: user.name, keyFiles: [own.keyFile], knownHosts: [own.knownHosts] })
    await filesOf(over).stat(['/'], { follow: true }, within())
    const reading = failure((async () => {
      for await (const part of filesOf(over).read('/dev/zero', { start: 0, end: undefined }, within())) if (part.length > 0) await run(over, 'pkill -KILL -u $(id -u) sftp-server')
    })())
    expect(await reading).toMatchObject({ code: 'PROTOCOL_ERROR' })
    expect(await filesOf(over).stat(['/'], { follow: true }, within())).toMatchObject([{ type: 'directory' }])
    await over.close()
    await own.close()
  })
  test('no SFTP there: UNSUPPORTED, asked once', async () => {
    const bare = await startSshd({ config: ['Subsystem other /bin/false'], subsystem: false })
    const own = await open({ port: bare.port, user: user.name, keyFiles: [bare.keyFile], knownHosts: [bare.knownHosts] })
    expect(await failure(filesOf(own).stat(['/'], { follow: true }, within()))).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await failure(filesOf(own).stat(['/'], { follow: true }, within()))).toMatchObject({ code: 'UNSUPPORTED' })
    expect((await run(own, 'echo in')).stdout).toBe('in\n')
    await own.close()
    await bare.close()
  })
  test('a login script that prints is told as that', async () => {
    const noisy = await startSshd({ config: ['Subsystem sftp /bin/sh -c "echo Welcome to this machine; exec /usr/lib/openssh/sftp-server"'], subsystem: false })
    const own = await open({ port: noisy.port, user: user.name, keyFiles: [noisy.keyFile], knownHosts: [noisy.knownHosts] })
    expect(await failure(filesOf(own).stat(['/'], { follow: true }, within()))).toMatchObject({ code: 'PROTOCOL_ERROR', hint: 'A login script of that user may print something.' })
    await own.close()
    await noisy.close()
  })
})

test('packets are cut wherever the bytes are', () => {
  const bytes = Buffer.concat([Buffer.of(0, 0, 0, 3, 1, 2, 3), Buffer.of(0, 0, 0, 1, 9), Buffer.of(0, 0, 0, 2, 7, 8)])
  for (let step = 1; step <= bytes.length; step++) {
    const cutter = new PacketCutter(100)
    const packets: number[][] = []
    for (let at = 0; at < bytes.length; at += step) packets.push(...cutter.push(bytes.subarray(at, at + step)).map((packet) => [...packet]))
    expect(packets).toEqual([[1, 2, 3], [9], [7, 8]])
  }
  expect(() => new PacketCutter(100).push(Buffer.of(0xff, 0xff, 0xff, 0xff))).toThrow(RangeError)
  expect(() => new PacketCutter(100).push(Buffer.of(0, 0, 0, 0))).toThrow(RangeError)
})
test('names', () => {
  expect(toPath(Buffer.from('ü'))).toBe('ü')
  expect(toPath(Buffer.of(0xff))).toEqual(Uint8Array.of(0xff))
})
