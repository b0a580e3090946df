import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, readFileSync, writeFileSync, appendFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { context, failure, open, run, secret } from './driver.js'
import type { Given } from './driver.js'
import { addUser, keygen, sshdPeers, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'

describeWithPeer(sshdPeers, 'logging in to the real sshd', () => {
  let sshd: Sshd
  let user: TestUser
  let agentSocket: string
  let agent: ChildProcess
  const dir = (name: string): string => join(sshd.directory, name)

  beforeAll(async () => {
    sshd = await startSshd({
      config: ['KbdInteractiveAuthentication yes', 'PermitRootLogin yes', 'MaxAuthTries 6'],
    })
    user = addUser()
    keygen(dir('stranger'), 'ed25519')
    keygen(dir('rsa'), 'rsa', 2048)
    keygen(dir('ecdsa'), 'ecdsa')
    keygen(dir('locked'), 'ed25519', undefined, 'open sesame')
    for (const name of ['rsa', 'ecdsa', 'locked']) appendFileSync(dir('authorized_keys'), readFileSync(dir(`${name}.pub`)))
    agentSocket = dir('agent.sock')
    agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' })
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        execFileSync('ssh-add', ['-q', dir('stranger'), dir('rsa'), dir('ecdsa'), sshd.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket }, stdio: 'ignore' })
        break
      } catch {
        await new Promise((settle) => setTimeout(settle, 20)) // the agent has no way to say that it listens
      }
    }
  })
  afterAll(async () => {
    agent?.kill()
    user?.remove()
    await sshd?.close()
  })

  const base = (): Given => ({ port: sshd.port, user: user.name, knownHosts: [sshd.knownHosts], identitiesOnly: false })
  async function login(given: Given, within = context()): Promise<string> {
    const session = await open({ ...base(), ...given }, within)
    const { stdout } = await run(session, 'id -un')
    await session.close()
    return stdout.trim()
  }
  async function refused(given: Given, within = context()): Promise<Awaited<ReturnType<typeof failure>>> {
    const error = await failure(open({ ...base(), ...given }, within))
    expect(error.code).toBe('AUTH_FAILED')
    expect(within.sockets.every((socket) => socket.destroyed)).toBe(true)
    return error
  }

  test.each(['id_ed25519', 'rsa', 'ecdsa'])('key from a file: %s', async (name) => expect(await login({ keyFiles: [dir(name)] })).toBe(user.name))
  test('key as text', async () => expect(await login({ privateKey: secret(readFileSync(sshd.keyFile, 'utf8')) })).toBe(user.name))
  test('the second of two keys', async () => expect(await login({ keyFiles: [dir('stranger'), sshd.keyFile] })).toBe(user.name))
  test('password, first and without asking what is offered', async () => {
    const before = sshd.log().length
    expect(await login({ password: secret(user.password) })).toBe(user.name)
    const log = sshd.log().slice(before)
    expect(log).toContain(`Accepted password for ${user.name}`)
    expect(log).not.toMatch(/none|Failed/)
  })
  test('agent', async () => expect(await login({ agent: agentSocket })).toBe(user.name))
  test('encrypted key with its passphrase', async () => expect(await login({ keyFiles: [dir('locked')], passphrase: secret('open sesame') })).toBe(user.name))
  test('encrypted key, the user is asked', async () => {
    const asked: string[] = []
    const prompt = ({ message, echo }: { message: string; echo: boolean }): Promise<string> => {
      asked.push(`${message}${echo}`)
      return Promise.resolve('open sesame')
    }
    expect(await login({ keyFiles: [dir('locked')] }, context(undefined, { prompt }))).toBe(user.name)
    expect(asked).toEqual([`Passphrase of key ${dir('locked')}: false`])
  })

  test('wrong password: said once, and what the server offers', async () => {
    const before = sshd.log().length
    const error = await refused({ password: secret('wrong') })
    expect(error.message).toContain('password: refused')
    expect(error.message).toContain('The server offers: publickey, password, keyboard-interactive')
    expect(error.message).not.toContain('wrong')
    expect(sshd.log().slice(before).match(/Failed password/g)).toHaveLength(1)
    expect((error as unknown as { retryable: boolean }).retryable).toBe(false)
  })
  test('each key says why it did not serve', async () => {
    copyFileSync(sshd.keyFile, dir('open-to-all'))
    chmodSync(dir('open-to-all'), 0o644)
    writeFileSync(dir('no-key'), 'hello', { mode: 0o600 })
    const keyFiles = ['missing', 'open-to-all', 'no-key', 'locked', 'stranger'].map(dir)
    const error = await refused({ keyFiles, passphrase: secret('sesame') })
    expect(error.message).toContain('missing: there is no such file')
    expect(error.message).toContain('open-to-all: its mode is 644')
    expect(error.message).toContain('no-key: it is not a private key')
    expect(error.message).toContain('locked: the passphrase is wrong')
    expect(error.message).toContain('stranger: refused')
    expect(error.message).not.toContain('sesame')
  })
  test('encrypted key, and nobody to ask', async () => expect((await refused({ keyFiles: [dir('locked')] })).message).toContain('it is encrypted, and no passphrase was given'))
  test('nothing was given', async () => {
    const error = await refused({ identitiesOnly: true })
    expect(error.message).toContain('The server offers: publickey, password, keyboard-interactive')
  })
  test('an agent that hangs is left', async () => {
    const hanging = createServer(() => undefined).listen(dir('hanging.sock'))
    await once(hanging, 'listening')
    expect(await login({ agent: dir('hanging.sock'), password: secret(user.password), keyFiles: [dir('missing')] })).toBe(user.name)
    hanging.close()
  })
  test('an agent that is not there', async () => {
    expect((await refused({ agent: dir('nowhere.sock') })).message).toMatch(/agent: .*nowhere.sock/)
  })
  test('an agent that refuses to sign', async () => {
    const stubborn = createServer((socket) => {
      const real = connect(agentSocket)
      real.on('data', (chunk) => void socket.write(chunk))
      socket.on('data', (chunk: Buffer) => {
        if (chunk[4] === 13) socket.write(Buffer.of(0, 0, 0, 1, 5))
        else real.write(chunk)
      })
      socket.on('close', () => real.destroy())
    }).listen(dir('stubborn.sock'))
    await once(stubborn, 'listening')
    expect((await refused({ agent: dir('stubborn.sock') })).message).toContain("agent's key test: the agent did not sign: the agent refused")
    stubborn.close()
  })
  test('more keys than the server wants to see', async () => {
    const keyFiles = Array.from({ length: 7 }, (_, index) => {
      keygen(dir(`many${index}`), 'ed25519')
      return dir(`many${index}`)
    })
    expect((await refused({ keyFiles })).message).toContain('many0: refused')
  })

  test('keyboard-interactive alone: the password answers it', async () => {
    const own = await startSshd({ config: ['PasswordAuthentication no', 'KbdInteractiveAuthentication yes'] })
    expect(await login({ port: own.port, knownHosts: [own.knownHosts], password: secret(user.password) })).toBe(user.name)
    await refused({ port: own.port, knownHosts: [own.knownHosts], password: secret('wrong') })
    await own.close()
  })
  test('keyboard-interactive: the user answers it', async () => {
    const asked: string[] = []
    const prompt = ({ message }: { message: string }): Promise<string> => {
      asked.push(message)
      return Promise.resolve(user.password)
    }
    expect(await login({}, context(undefined, { prompt }))).toBe(user.name)
    expect(asked).toEqual([expect.stringContaining('assword: ')])
  })
  test.each([
    ['publickey,password', true],
    ['publickey,keyboard-interactive', true],
    ['password,publickey', true],
    ['publickey,publickey', true],
  ])('several in sequence: %s', async (methods) => {
    const own = await startSshd({ config: [`AuthenticationMethods ${methods}`, 'KbdInteractiveAuthentication yes'] })
    appendFileSync(join(own.directory, 'authorized_keys'), readFileSync(dir('rsa.pub')))
    appendFileSync(join(own.directory, 'authorized_keys'), readFileSync(dir('ecdsa.pub')))
    const given = { port: own.port, knownHosts: [own.knownHosts] }
    expect(await login({ ...given, keyFiles: [own.keyFile, dir('rsa')], password: secret(user.password) })).toBe(user.name)
    expect(await login({ ...given, agent: agentSocket, password: secret(user.password) })).toBe(user.name)
    expect((await refused({ ...given, keyFiles: [own.keyFile] })).message).toContain(methods.startsWith('publickey') ? 'accepted, but the server wants more' : 'The server offers')
    await own.close()
  })
})
