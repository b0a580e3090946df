// Jump hosts and proxy commands, by options and by ssh_config, against real sshds.
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { context, failure, open, run, secret } from './driver.js'
import type { Given } from './driver.js'
import { addUser, sshdPeers, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'

describeWithPeer(sshdPeers, 'ways to a host', () => {
  let first: Sshd
  let second: Sshd
  let target: Sshd
  let user: TestUser
  let knownHosts: string
  let given: Given

  beforeAll(async () => {
    ;[first, second, target] = await Promise.all([startSshd(), startSshd(), startSshd()])
    user = addUser()
    knownHosts = `${target.directory}/all`
    for (const each of [first, second, target]) {
      appendFileSync(knownHosts, readFileSync(each.knownHosts))
      if (each !== target) appendFileSync(`${each.directory}/authorized_keys`, readFileSync(`${target.keyFile}.pub`))
    }
    given = { port: target.port, user: 'root', keyFiles: [target.keyFile], knownHosts: [knownHosts] }
  })
  afterAll(async () => {
    user?.remove()
    await Promise.all([first?.close(), second?.close(), target?.close()])
  })
  const config = (text: string): string => {
    const path = `${target.directory}/config${Math.random()}`
    writeFileSync(path, text)
    return path
  }
  async function visited(options: Given): Promise<string[]> {
    const before = [first, second, target].map((each) => each.log().length)
    const recording = context()
    const session = await open({ ...given, ...options }, recording)
    expect((await run(session, 'echo in')).stdout).toBe('in\n')
    await session.close()
    expect(recording.sockets.every((socket) => socket.destroyed)).toBe(true)
    expect(recording.losses).toEqual([])
    return [first, second, target].flatMap((each, index) => /Accepted \w+ for (\w+)/.exec(each.log().slice(before[index]))?.[1] ?? [])
  }

  test('proxyJump: one, two', async () => {
    expect(await visited({ proxyJump: [`root@127.0.0.1:${first.port}`] })).toEqual(['root', 'root'])
    expect(await visited({ proxyJump: [`${user.name}@127.0.0.1:${first.port},root@127.0.0.1:${second.port}`] })).toEqual([user.name, 'root', 'root'])
  })
  test("Train's bastion", async () => {
    expect(await visited({ bastionHost: '127.0.0.1', bastionUser: user.name, bastionPort: first.port })).toEqual([user.name, 'root'])
  })
  test("by ssh_config, each hop by its own entry; OpenSSH's client goes the same way", async () => {
    const sshConfig = config(`
Host target
  HostName 127.0.0.1
  Port ${target.port}
  User root
  IdentityFile ${target.keyFile}
  ProxyJump hop2
Host hop2
  HostName 127.0.0.1
  Port ${second.port}
  User root
  IdentityFile ${target.keyFile}
  ProxyJump hop1
Host hop1
  HostName 127.0.0.1
  Port ${first.port}
  User ${user.name}
  IdentityFile ${target.keyFile}
Host *
  UserKnownHostsFile ${knownHosts}
`)
    expect(await visited({ host: 'target', port: undefined, user: undefined, keyFiles: undefined, knownHosts: undefined, sshConfig })).toEqual([user.name, 'root', 'root'])
    expect(execFileSync('ssh', ['-F', sshConfig, '-o', 'BatchMode=yes', 'target', 'echo', 'in']).toString()).toBe('in\n')
  })
  test('a circle ends', async () => {
    const sshConfig = config(`Host *\nHostName 127.0.0.1\nProxyJump b\n`)
    expect(await failure(open({ ...given, host: 'a', sshConfig }))).toMatchObject({ code: 'INVALID_OPTIONS' })
  })
  test('the password of the target is not sent to a hop, and neither is its pinned key asked there', async () => {
    const before = first.log().length
    const error = await failure(open({ ...given, user: user.name, keyFiles: undefined, password: secret(user.password), proxyJump: [`${user.name}@127.0.0.1:${first.port}`] }))
    expect(error.code).toBe('AUTH_FAILED')
    expect(error.message).toContain(`127.0.0.1:${first.port}`)
    expect(first.log().slice(before)).not.toContain('password')
    const print = execFileSync('ssh-keygen', ['-lf', `${target.directory}/host_ed25519.pub`]).toString().split(' ')[1] ?? ''
    expect(await visited({ proxyJump: [`root@127.0.0.1:${first.port}`], hostKeyFingerprint: [print] })).toEqual(['root', 'root'])
  })
  test("each hop's host key is checked", async () => {
    const recording = context()
    const error = await failure(open({ ...given, knownHosts: [target.knownHosts], proxyJump: [`root@127.0.0.1:${first.port}`] }, recording))
    expect(error.code).toBe('HOST_KEY_REJECTED')
    expect(error.message).toContain(`[127.0.0.1]:${first.port}`)
    expect(recording.sockets.every((socket) => socket.destroyed)).toBe(true)
  })
  test('the target refuses: the hops are closed too', async () => {
    const recording = context()
    expect((await failure(open({ ...given, keyFiles: [first.keyFile], proxyJump: [`root@127.0.0.1:${first.port}`] }, recording))).code).toBe('AUTH_FAILED')
    expect(recording.sockets).toHaveLength(1)
    expect(recording.sockets[0]?.destroyed).toBe(true)
  })
  test('proxyCommand', async () => {
    const command = `ssh -F none -o UserKnownHostsFile=${knownHosts} -o BatchMode=yes -i ${target.keyFile} -p ${first.port} -W %h:%p root@127.0.0.1`
    expect(await visited({ proxyCommand: command })).toEqual(['root', 'root'])
    expect(await visited({ sshConfig: config(`ProxyCommand ${command}`) })).toEqual(['root', 'root'])
  })
  test('proxyCommand that fails says what it said', async () => {
    const error = await failure(open({ ...given, proxyCommand: 'sh -c "echo no way >&2; exit 7"' }))
    expect(error.code).toBe('CONNECT_FAILED')
    expect(error.message).toContain('code 7: no way')
  })
  test('proxyCommand that says nothing ends with the signal, and so does what it started', async () => {
    const controller = new AbortController()
    const opening = failure(open({ ...given, proxyCommand: `sh -c 'sleep 98765; true'` }, context(controller.signal)))
    while (!/^sleep 98765/m.test(execFileSync('ps', ['axo', 'args']).toString())) await new Promise(setImmediate)
    controller.abort(new Error('enough'))
    expect((await opening).message).toBe('enough')
    expect(execFileSync('ps', ['axo', 'args']).toString()).not.toMatch(/^sleep 98765/m)
  })
  test('both are a contradiction', () => {
    expect(() => open({ ...given, proxyCommand: 'x', bastionHost: 'y' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  })
})
