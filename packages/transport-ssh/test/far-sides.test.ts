// Servers and accounts that are not as usual: what cannot be done is said.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { connect } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { failure } from './driver.js'
import { addUser, sshdPeers, startSshd } from './sshd.js'
import '../src/register.js'

interface FarSide {
  readonly config?: readonly string[]
  readonly shell?: string
  readonly prepare?: (user: string) => void
}

async function on<Result>(side: FarSide, use: (open: () => Promise<Connection>, user: string) => Promise<Result>): Promise<Result> {
  const sshd = await startSshd({ config: side.config ?? [] })
  const user = addUser(side.shell)
  try {
    side.prepare?.(user.name)
    const open = (): Promise<Connection> => connect(`ssh://${user.name}@127.0.0.1:${sshd.port}`, { keyFiles: [sshd.keyFile], knownHosts: sshd.knownHosts, sshConfig: false, agent: false })
    return await use(open, user.name)
  } finally {
    user.remove()
    await sshd.close()
  }
}

const runs = (side: FarSide): Promise<Awaited<ReturnType<typeof failure>>> =>
  on(side, async (open) => {
    const host = await open()
    try {
      return await failure(host.run('echo hi', { timeout: 8000 }))
    } finally {
      await host.close()
    }
  })

describeWithPeer(sshdPeers, 'unusual far sides', () => {
  test("'Please login as the user': at once, though the server sleeps", async () => {
    const started = Date.now()
    const prepare = (user: string): void => void execFileSync('sh', ['-c', `echo 'Please login as the user "ubuntu" rather than the user "${user}".' > /home/${user}/message; chmod 644 /home/${user}/message; chmod 755 /home/${user}`])
    const error = await runs({ config: ['ForceCommand cat ~/message; echo; sleep 10; exit 142'], prepare })
    expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'wrong-user' }, hint: expect.stringContaining('Connect as ubuntu') })
    expect(Date.now() - started).toBeLessThan(9000)
  })
  test('an expired password', async () => {
    expect(await runs({ prepare: (user) => void execFileSync('chage', ['-d', '0', user]) })).toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'password-expired' } })
  })
  test('nologin', async () => expect(await runs({ shell: '/usr/sbin/nologin' })).toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'account-not-available' } }))
  test.each([
    ['a forced command', { config: ['ForceCommand echo forced'] }],
    ['a forced command for files alone', { config: ['ForceCommand internal-sftp'] }],
    ['a shell that does nothing', { shell: '/bin/false' }],
  ])('%s: UNSUPPORTED, and nothing is taken for the command\'s output', async (_title, side) => {
    expect(await runs(side)).toMatchObject({ code: 'UNSUPPORTED', result: { stdout: '', exitCode: null } })
  })
  test('a restricted shell runs what it may', async () => {
    const result = await on({ shell: '/bin/rbash' }, async (open) => {
      const host = await open()
      const said = await host.run('echo hi')
      await host.close()
      return said
    })
    expect(result).toMatchObject({ stdout: 'hi\n', exitCode: 0 })
  })
  test('no terminals', async () => {
    const error = await on({ config: ['PermitTTY no'] }, async (open) => {
      const host = await open()
      const refused = await failure(host.run('true', { pty: true }))
      expect((await host.run('echo in')).stdout).toBe('in\n')
      await host.close()
      return refused
    })
    expect(error).toMatchObject({ code: 'UNSUPPORTED' })
  })
  test('an account that is locked', async () => {
    const error = await on({ prepare: (user) => void execFileSync('chage', ['-E', '0', user]) }, (open) => failure(open()))
    expect(error).toMatchObject({ code: 'CONNECT_FAILED' })
    expect(error.message).toContain('during the login')
  })
  test('MaxSessions 2: all commands run, in turn', async () => {
    const all = await on({ config: ['MaxSessions 2'] }, async (open) => {
      const host = await open()
      const results = await Promise.all(Array.from({ length: 10 }, (_, index) => host.run(`echo ${index}`)))
      await host.close()
      return results.map(({ stdout }) => stdout.trim())
    })
    expect(all).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })
})
