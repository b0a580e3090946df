// Through a jump host: each hop has its own credentials and its own host key.
import { connect, isTransportError } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { copyFileSync, mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import '../src/register.js'
import { addUser, sshdPeers, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'

describeWithPeer(sshdPeers, 'via a jump host', () => {
  let jump: Sshd
  let inner: Sshd
  let user: TestUser
  let bastion: Connection

  beforeAll(async () => {
    jump = await startSshd()
    inner = await startSshd()
    user = addUser()
    bastion = await connect(`ssh://${user.name}@127.0.0.1:${jump.port}`, { keyFiles: [jump.keyFile], knownHosts: jump.knownHosts })
  })
  afterAll(async () => {
    await bastion?.close()
    user?.remove()
    await jump?.close()
    await inner?.close()
  })

  test('runs there, and closing it leaves the jump host connected', async () => {
    const host = await connect(`ssh://root@127.0.0.1:${inner.port}`, { via: bastion, keyFiles: [inner.keyFile], knownHosts: inner.knownHosts })
    expect((await host.run('echo $SSH_CONNECTION')).stdout).toContain(`127.0.0.1 ${inner.port}`)
    const big = 'x'.repeat(3_000_000)
    expect((await host.run('cat', { stdin: big })).stdout).toBe(big)
    await host.close()
    expect((await bastion.run('echo alive')).stdout).toBe('alive\n')
  })

  test('as a URL: checked against the default known_hosts, and closed with the outer connection', async () => {
    const home = process.env['HOME']
    const via = `ssh://${user.name}:${user.password}@127.0.0.1:${jump.port}`
    const reach = (): Promise<Connection> => connect(`ssh://root@127.0.0.1:${inner.port}`, { via, keyFiles: [inner.keyFile], knownHosts: inner.knownHosts })
    try {
      process.env['HOME'] = inner.directory
      expect(isTransportError(await reach().catch((cause: unknown) => cause), 'HOST_KEY_REJECTED')).toBe(true)
      mkdirSync(`${inner.directory}/.ssh`)
      copyFileSync(jump.knownHosts, `${inner.directory}/.ssh/known_hosts`)
      const host = await reach()
      expect((await host.run('id -un')).stdout).toBe('root\n')
      await host.close()
    } finally {
      process.env['HOME'] = home
    }
  })

  test("the inner host's key is checked, whatever the jump host says", async () => {
    const error: unknown = await connect(`ssh://root@127.0.0.1:${inner.port}`, { via: bastion, keyFiles: [inner.keyFile], knownHosts: jump.knownHosts }).catch((cause: unknown) => cause)
    expect(isTransportError(error, 'HOST_KEY_REJECTED')).toBe(true)
  })

  test('nobody listens behind it', async () => {
    const error: unknown = await connect('ssh://root@127.0.0.1:1', { via: bastion, keyFiles: [inner.keyFile], knownHosts: inner.knownHosts }).catch((cause: unknown) => cause)
    expect(isTransportError(error, 'CONNECT_FAILED')).toBe(true)
  })

  test('no forwarding there: said as it is', async () => {
    const closed = await startSshd({ config: ['AllowTcpForwarding no'] })
    const dead = await connect(`ssh://${user.name}@127.0.0.1:${closed.port}`, { keyFiles: [closed.keyFile], knownHosts: closed.knownHosts })
    const error: unknown = await connect(`ssh://root@127.0.0.1:${inner.port}`, { via: dead, keyFiles: [inner.keyFile], knownHosts: inner.knownHosts }).catch((cause: unknown) => cause)
    expect(isTransportError(error, 'UNSUPPORTED')).toBe(true)
    await dead.close()
    await closed.close()
  })

  test('the jump host goes away: the inner connection is lost, not hung', async () => {
    const first = await connect(`ssh://${user.name}@127.0.0.1:${jump.port}`, { keyFiles: [jump.keyFile], knownHosts: jump.knownHosts })
    const host = await connect(`ssh://root@127.0.0.1:${inner.port}`, { via: first, keyFiles: [inner.keyFile], knownHosts: inner.knownHosts })
    const running = host.run('echo on; exec sleep 20').catch((cause: unknown) => cause)
    await host.run('true')
    await first.close()
    expect(isTransportError(await running, 'CONNECTION_LOST')).toBe(true)
    await host.close()
  })
})
