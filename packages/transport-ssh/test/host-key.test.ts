import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { context, failure, open, run } from './driver.js'
import type { Given } from './driver.js'
import { keygen, sshdPeers, startSshd } from './sshd.js'
import type { Sshd } from './sshd.js'

describeWithPeer(sshdPeers, 'host keys against the real sshd', () => {
  let sshd: Sshd
  let name: string
  let given: Given
  let print: string
  const file = (content: string): string => {
    const path = join(sshd.directory, `kh${Math.random()}`)
    writeFileSync(path, content)
    return path
  }

  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] })
    name = `[127.0.0.1]:${sshd.port}`
    given = { port: sshd.port, user: 'root', keyFiles: [sshd.keyFile] }
    print = execFileSync('ssh-keygen', ['-lf', join(sshd.directory, 'host_ed25519.pub')]).toString().split(' ')[1] ?? ''
  })
  afterAll(() => sshd?.close())

  async function refused(options: Given): Promise<Awaited<ReturnType<typeof failure>>> {
    const recording = context()
    const error = await failure(open({ ...given, ...options }, recording))
    expect(recording.sockets.every((socket) => socket.destroyed)).toBe(true)
    expect(error.code).toBe('HOST_KEY_REJECTED')
    return error
  }
  async function accepted(options: Given): Promise<void> {
    const session = await open({ ...given, ...options })
    expect((await run(session, 'echo in')).stdout).toBe('in\n')
    await session.close()
  }

  test('unknown is refused, by default, with the fingerprint and what to do', async () => {
    const error = await refused({ knownHosts: [file('')] })
    expect(error.message).toContain(print)
    expect(error.details).toMatchObject({ reason: 'unknown', fingerprint: print, keyType: 'ssh-ed25519' })
    expect(error.hint).toContain(`ssh-keyscan -p ${sshd.port} 127.0.0.1 >>`)
  })

  test('no file at all is as good as an empty one', async () => {
    expect((await refused({ knownHosts: [join(sshd.directory, 'nowhere', 'known_hosts')] })).details?.reason).toBe('unknown')
  })

  test('changed is refused, with the file and the line', async () => {
    keygen(join(sshd.directory, 'other'), 'ed25519')
    const other = readFileSync(join(sshd.directory, 'other.pub'), 'utf8')
    const knownHosts = file(`# first\n${name} ${other}`)
    const error = await refused({ knownHosts: [knownHosts], hostKeys: 'accept-new' })
    expect(error.message).toContain('CHANGED')
    expect(error.details).toMatchObject({ reason: 'changed', file: knownHosts, line: 2, fingerprint: print })
    expect(error.hint).toContain(`ssh-keygen -R '${name}' -f ${knownHosts}`)
  })

  test('revoked is refused, whatever else is said', async () => {
    const knownHosts = file(`${name} ${sshd.hostKey('ed25519')}\n@revoked * ${sshd.hostKey('ed25519')}\n`)
    for (const more of [{}, { hostKeys: () => true }, { hostKeyFingerprint: [print] }, { hostKeys: 'accept-new' as const }]) {
      expect((await refused({ knownHosts: [knownHosts], ...more })).details).toMatchObject({ reason: 'revoked', line: 2 })
    }
  })

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('known by its %s key alone: that type is negotiated', async (type) => {
    await accepted({ knownHosts: [file(`${name} ${sshd.hostKey(type)}\n`)] })
  })

  test('in the second file, hashed by ssh-keygen', async () => {
    const hashed = file(`${name} ${sshd.hostKey('ed25519')}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'ignore' })
    expect(readFileSync(hashed, 'utf8')).not.toContain('127.0.0.1')
    await accepted({ knownHosts: [file(''), hashed] })
  })

  test("accept-new adds it, and from then on it is known, for OpenSSH's client too", async () => {
    const path = join(sshd.directory, 'new', '.ssh', 'known_hosts')
    const recording = context()
    const session = await open({ ...given, knownHosts: [path], hostKeys: 'accept-new' }, recording)
    await session.close()
    expect(recording.notices.map(({ code }) => code)).toContain('host-key-added')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await accepted({ knownHosts: [path] })
    const ssh = ['-F', 'none', '-p', String(sshd.port), '-i', sshd.keyFile, '-o', `UserKnownHostsFile=${path}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes', 'root@127.0.0.1', 'echo', 'in']
    expect(execFileSync('ssh', ssh).toString()).toBe('in\n')
  })

  test('accept-new keeps what stands in the file, also without a newline at its end', async () => {
    const path = file('other.example ssh-ed25519 AAAA')
    await accepted({ knownHosts: [path], hostKeys: 'accept-new' })
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('other.example ssh-ed25519 AAAA')
    expect(readFileSync(path, 'utf8').split('\n')[1]).toContain(name)
  })

  test('nothing is written down when the login fails before the server has proved its key', async () => {
    const path = join(sshd.directory, 'never')
    await failure(open({ ...given, keyFiles: [], privateKey: undefined, identitiesOnly: true, knownHosts: [path], hostKeys: 'accept-new' }))
    expect(existsSync(path)).toBe(false)
  })

  test('a pinned fingerprint', async () => {
    await accepted({ knownHosts: [file('')], hostKeyFingerprint: ['SHA256:AAAA', print] })
    await accepted({ knownHosts: [file('')], hostKeyFingerprint: [print.replace('SHA256:', '')] })
    expect((await refused({ knownHosts: [sshd.knownHosts], hostKeyFingerprint: ['SHA256:AAAA'] })).message).toContain('not the pinned one')
  })

  test('a function decides, and only true is yes', async () => {
    const asked: unknown[] = []
    await accepted({ knownHosts: [file('')], hostKeys: (info) => asked.push({ ...info, key: undefined }) > 0 })
    expect(asked).toEqual([{ host: '127.0.0.1', port: sshd.port, keyType: 'ssh-ed25519', key: undefined, fingerprint: print, status: 'unknown', file: undefined, line: undefined }])
    await accepted({ knownHosts: [file('')], hostKeys: () => Promise.resolve(true) })
    const lies: unknown[] = [false, null, undefined, 1, 'yes', {}, Promise.resolve(false), Promise.resolve(null), Promise.resolve(1), Promise.resolve(undefined)]
    for (const lie of lies) await refused({ knownHosts: [sshd.knownHosts], hostKeys: () => lie as boolean }) // what JavaScript lets through
    await refused({ knownHosts: [sshd.knownHosts], hostKeys: () => Promise.reject(new Error('no')) })
    await refused({
      knownHosts: [sshd.knownHosts],
      hostKeys: () => {
        throw new Error('no')
      },
    })
  })

  test('a function that never answers ends with the signal', async () => {
    const controller = new AbortController()
    const recording = context(controller.signal)
    const opening = failure(open({ ...given, knownHosts: [file('')], hostKeys: () => new Promise<boolean>(() => controller.abort(new Error('too late'))) }, recording))
    expect((await opening).message).toBe('too late')
    expect(recording.sockets[0]?.destroyed).toBe(true)
  })

  test('a file that cannot be read fails closed', async () => {
    const path = join(sshd.directory, 'a-directory')
    execFileSync('mkdir', [path])
    chmodSync(path, 0o700)
    expect((await failure(open({ ...given, knownHosts: [path], hostKeys: 'accept-new' }))).code).toBe('HOST_KEY_REJECTED')
  })

  test('checked again when the keys are renewed', async () => {
    const session = await open({ ...given, knownHosts: [sshd.knownHosts] })
    const renewed = new Promise((settle) => session.native?.once('handshake', settle))
    ;(session.native as unknown as { _protocol: { rekey(): void } })._protocol.rekey()
    await renewed
    expect((await run(session, 'echo in')).stdout).toBe('in\n')
    await session.close()
  })

  test('a weak RSA key', async () => {
    const weak = await startSshd({ hostKeys: ['rsa'], rsaBits: 1024, config: ['RequiredRSASize 1024'] })
    try {
      const error = await failure(open({ port: weak.port, user: 'root', keyFiles: [weak.keyFile], knownHosts: [weak.knownHosts] }))
      expect(error).toMatchObject({ code: 'HOST_KEY_REJECTED' })
      expect(error.message).toContain('1024 bits')
    } finally {
      await weak.close()
    }
  })
})
