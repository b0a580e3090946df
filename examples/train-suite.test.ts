// The counterpart of Train's own integration suite (test/integration/tests in inspec/train), over three transports: what its users rely on.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, connectWith, isTransportError } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import ssh from '@train-ts/transport-ssh'
import { afterAll, beforeAll, expect, test } from 'vitest'
// eslint-disable-next-line train/arrows -- its types
import type { Sshd, TestUser } from '../packages/transport-ssh/test/sshd.js'
// eslint-disable-next-line train/arrows -- a test's helper, not a part of a package: the same real sshd for both
import { addUser, sshdPeers, startSshd } from '../packages/transport-ssh/test/sshd.js'

interface Opened {
  readonly host: Connection
  readonly close: () => Promise<void>
}

const root = peer('root')
const transports: readonly (readonly [string, Parameters<typeof describeWithPeer>[0], () => Promise<Opened>])[] = [
  ['local:', root, async () => {
    const host = await connect('local:')
    return { host, close: () => host.close() }
  }],
  ['ssh://', [root, ...sshdPeers], async () => {
    const sshd = await startSshd()
    const host = await connectWith(ssh, { host: '127.0.0.1', port: sshd.port, user: 'root', keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] })
    return { host, close: async () => { await host.close(); await sshd.close() } }
  }],
  ['awsssm://', root, async () => {
    const emulator = await startEmulator()
    const host = await connect(emulator.url, emulator.options)
    return { host, close: async () => { await host.close(); await emulator.close() } }
  }],
]

for (const [scheme, peers, open] of transports) {
  describeWithPeer(peers, `Train's integration suite over ${scheme}`, () => {
    let opened: Opened
    let directory: string
    const at = (name: string): ReturnType<Connection['file']> => opened.host.file(join(directory, name))

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'train-suite-'))
      writeFileSync(join(directory, 'file'), 'hello world')
      chmodSync(join(directory, 'file'), 0o765)
      mkdirSync(join(directory, 'folder'))
      chmodSync(join(directory, 'folder'), 0o567)
      symlinkSync(join(directory, 'file'), join(directory, 'symlink'))
      execFileSync('mkfifo', ['-m', '644', join(directory, 'pipe')])
      execFileSync('mknod', ['-m', '666', join(directory, 'block'), 'b', '7', '7'])
      execFileSync('mknod', ['-m', '666', join(directory, 'character'), 'c', '1', '3'])
      opened = await open()
    })
    afterAll(async () => {
      await opened.close()
      rmSync(directory, { recursive: true, force: true })
    })

    test('path_file', async () => {
      const stat = await at('file').stat({ hash: 'sha256' })
      expect(stat).toMatchObject({ type: 'file', mode: 0o765, owner: 'root', group: 'root', uid: 0, gid: 0, size: 11, linkTarget: undefined, mounted: false })
      expect(stat.sha256).toBe(createHash('sha256').update('hello world').digest('hex'))
      expect((await at('file').stat({ hash: 'md5' })).md5).toBe(createHash('md5').update('hello world').digest('hex'))
      expect([stat.modeMask('owner', 'x'), stat.modeMask('group', 'x'), stat.modeMask('all', 'w')]).toEqual([0o100, 0, 0o220])
      expect([stat.ownedBy('root'), stat.groupedInto(0), stat.linkedTo('/elsewhere')]).toEqual([true, true, false])
      expect(Math.abs(stat.mtimeMs - Date.now())).toBeLessThan(3_600_000)
      expect(await at('file').exists()).toBe(true)
      expect(await at('file').text()).toBe('hello world')
    })

    test('path_folder', async () => {
      expect(await at('folder').stat()).toMatchObject({ type: 'directory', mode: 0o567, owner: 'root', linkTarget: undefined })
      await expect(at('folder').text()).rejects.toMatchObject({ code: 'FILE_ERROR', details: { reason: 'is-a-directory' } })
    })

    test('path_symlink', async () => {
      const followed = await at('symlink').stat()
      expect(followed).toMatchObject({ type: 'file', size: 11, linkTarget: join(directory, 'file'), path: join(directory, 'file') })
      expect(followed.linkedTo(join(directory, 'file'))).toBe(true)
      expect(await at('symlink').stat({ follow: false })).toMatchObject({ type: 'symlink', mode: 0o777 })
      expect(await at('symlink').text()).toBe('hello world')
    })

    test.each([['path_pipe', 'pipe', 'pipe', 0o644], ['path_block_device', 'block', 'block_device', 0o666], ['path_character_device', 'character', 'character_device', 0o666]] as const)('%s', async (_title, name, type, mode) => {
      expect(await at(name).stat()).toMatchObject({ type, mode, owner: 'root' })
      // Never opened by accident: a pipe would block for ever.
      await expect(at(name).text()).rejects.toMatchObject({ code: 'FILE_ERROR' })
    })

    test('path_missing', async () => {
      await expect(at('missing').stat()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
      expect(await at('missing').exists()).toBe(false)
      await expect(at('missing').text()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
      await expect(at('file/below').exists()).rejects.toMatchObject({ details: { reason: 'not-a-directory' } })
    })

    test('run_command', async () => {
      const { host } = opened
      expect(await host.run('echo "hello world"')).toMatchObject({ stdout: 'hello world\n', stderr: '', exitCode: 0 })
      expect(await host.run('>&2 echo "hello world"')).toMatchObject({ stdout: '', stderr: 'hello world\n', exitCode: 0 })
      expect((await host.run('echo "hello \'world\'"')).stdout).toBe("hello 'world'\n")
      expect((await host.run('exit 1')).exitCode).toBe(1)
      expect((await host.run('exit 123')).exitCode).toBe(123)
    })

    test('run_as', async () => {
      expect((await opened.host.run('id -un; id -un | cat; echo "$(id -un)"', { sudo: { user: 'daemon' } })).stdout).toBe('daemon\n'.repeat(3))
    })
  })
}

describeWithPeer([root, peer('sudo'), ...sshdPeers], "Train's sudo suite over ssh://", () => {
  const rules = '/etc/sudoers.d/train-ts-suite'
  let sshd: Sshd
  const users: TestUser[] = []
  const open: Connection[] = []

  beforeAll(async () => {
    sshd = await startSshd()
    for (let count = 0; count < 3; count += 1) users.push(addUser('/bin/bash'))
    const [nopasswd, passwd, requiretty] = users.map(({ name }) => name)
    writeFileSync(rules, `${nopasswd ?? ''} ALL=(ALL) NOPASSWD: ALL\n${passwd ?? ''} ALL=(ALL) ALL\n${requiretty ?? ''} ALL=(ALL) NOPASSWD: ALL\nDefaults:${requiretty ?? ''} requiretty\n`, { mode: 0o440 })
  })
  afterAll(async () => {
    for (const host of open) await host.close()
    rmSync(rules, { force: true })
    for (const user of users) user.remove()
    await sshd.close()
  })

  async function as(index: number, options: object = {}): Promise<Connection> {
    const user = users[index]
    if (user === undefined) throw new Error('no such user')
    const host = await connectWith(ssh, { host: '127.0.0.1', port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts], ...options })
    open.push(host)
    return host
  }

  const reasonOf = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'none', (error: unknown) => (isTransportError(error) ? error.details.reason : error))

  test('nopasswd', async () => {
    expect((await (await as(0, { sudo: true })).run('whoami && whoami >&2')).stderr).toBe('root\n')
  })
  test('passwd', async () => {
    const password = users[1]?.password ?? ''
    expect((await (await as(1, { sudo: true, sudoPassword: password })).run('whoami')).stdout).toBe('root\n')
    expect(await reasonOf((await as(1, { sudo: true })).run('whoami'))).toBe('sudo_password_required')
    expect(await reasonOf((await as(1, { sudo: true, sudoPassword: 'wrong' })).run('whoami'))).toBe('bad_sudo_password')
  })
  test('requiretty', async () => {
    expect(await reasonOf((await as(2, { sudo: true })).run('whoami'))).toBe('sudo_no_tty')
    expect((await (await as(2, { sudo: true })).run('whoami', { pty: true })).stdout).toBe('root\r\n')
  })
  test('custom command', async () => {
    expect((await (await as(0, { sudo: true, sudoCommand: '/usr/bin/sudo' })).run('whoami')).stdout).toBe('root\n')
    expect(await reasonOf((await as(0, { sudo: true, sudoCommand: '/no/such/sudo' })).run('whoami'))).toBe('sudo_command_not_found')
  })
  test('a file of root, read and written as root', async () => {
    const host = await as(0, { sudo: true })
    const path = `/root/train-suite-${String(process.pid)}`
    await host.file(path).write('as root', { mode: 0o600 })
    expect(await host.file(path).text()).toBe('as root')
    expect(await reasonOf(host.file(path).text({ sudo: false }))).toBe(undefined)
    await host.file(path).remove()
    expect(await host.file(path).exists()).toBe(false)
  })
})
