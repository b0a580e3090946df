// User certificates, from files and from an agent, made by ssh-keygen and checked by sshd.
import { execFileSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { hostCertificateProblem, parseCertificateFile, signatureHolds } from '../src/certificate.js'
import { failure, open, run } from './driver.js'
import type { Given } from './driver.js'
import { addUser, keygen, sshdPeers, startAgent, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'

describeWithPeer(sshdPeers, 'user certificates', () => {
  let sshd: Sshd
  let user: TestUser
  let agent: { readonly socket: string; readonly process: ChildProcess }
  const dir = (name: string): string => `${sshd.directory}/${name}`
  const sign = (key: string, ...more: string[]): void =>
    void execFileSync('ssh-keygen', ['-q', '-s', dir('ca'), '-I', `id-${key}`, '-n', user.name, '-V', '-1m:+1h', ...more, dir(`${key}.pub`)], { stdio: 'ignore' })

  beforeAll(async () => {
    sshd = await startSshd({
      config: ['AuthorizedKeysFile none'],
      prepare(directory) {
        keygen(`${directory}/ca`, 'ed25519')
        return [`TrustedUserCAKeys ${directory}/ca.pub`]
      },
    })
    user = addUser()
    for (const [name, type] of [['ed', 'ed25519'], ['ec', 'ecdsa'], ['rs', 'rsa'], ['old', 'ed25519'], ['other', 'ed25519'], ['bare', 'ed25519']] as const) keygen(dir(name), type)
    for (const key of ['ed', 'ec', 'rs']) sign(key)
    sign('old', '-V', '20200101:20200102')
    execFileSync('ssh-keygen', ['-q', '-s', dir('ca'), '-I', 'other', '-n', 'somebody', '-V', '+1h', dir('other.pub')], { stdio: 'ignore' })
    agent = await startAgent(dir('agent'), ['ed', 'ec', 'rs'].map(dir))
  })
  afterAll(async () => {
    agent?.process.kill()
    user?.remove()
    await sshd?.close()
  })

  async function login(given: Given): Promise<string> {
    const session = await open({ port: sshd.port, user: user.name, knownHosts: [sshd.knownHosts], ...given })
    const { stdout } = await run(session, 'id -un')
    await session.close()
    return stdout.trim()
  }

  test.each(['ed', 'ec', 'rs'])('%s: beside its key', async (key) => {
    const before = sshd.log().length
    expect(await login({ keyFiles: [dir(key)] })).toBe(user.name)
    expect(sshd.log().slice(before)).toMatch(/Accepted publickey.*-CERT|Accepted certificate ID "id-/)
  })
  test('named apart from its key', async () => {
    execFileSync('mv', [dir('ed-cert.pub'), dir('elsewhere')])
    expect((await failure(login({ keyFiles: [dir('ed')] }))).message).toContain(`key ${dir('ed')}: refused`)
    expect(await login({ keyFiles: [dir('ed')], certificateFiles: [dir('elsewhere')] })).toBe(user.name)
    execFileSync('mv', [dir('elsewhere'), dir('ed-cert.pub')])
  })
  test.each(['ed', 'ec', 'rs'])('%s: through the agent', async (key) => {
    const only = await startAgent(dir(`agent-${key}`), [dir(key)])
    expect(await login({ agent: only.socket })).toBe(user.name)
    only.process.kill()
  })
  test('through an agent that holds many', async () => expect(await login({ agent: agent.socket })).toBe(user.name))

  test('what is wrong with one is said', async () => {
    expect((await failure(login({ keyFiles: [dir('old')] }))).message).toContain("certificate 'id-old' of key")
    expect((await failure(login({ keyFiles: [dir('old')] }))).message).toContain('it has expired on 2020-01-02')
    expect((await failure(login({ keyFiles: [dir('other')] }))).message).toContain("certificate 'other' of key")
    expect((await failure(login({ keyFiles: [dir('other')] }))).message).toContain('refused')
    expect((await failure(login({ keyFiles: [dir('bare')] }))).message).not.toContain('certificate')
  })

  describe('reading them', () => {
    test.each(['ed25519', 'ecdsa', 'rsa'])('signed by an authority of type %s', (type) => {
      keygen(dir(`ca-${type}`), type, type === 'rsa' ? 3072 : undefined)
      keygen(dir(`h-${type}`), 'ed25519')
      execFileSync('ssh-keygen', ['-q', '-s', dir(`ca-${type}`), '-h', '-I', 'h', '-n', 'web,*.example.org', '-V', '-1m:+1h', dir(`h-${type}.pub`)], { stdio: 'ignore' })
      const certificate = parseCertificateFile(readFileSync(dir(`h-${type}-cert.pub`), 'utf8'))
      expect(certificate).toMatchObject({ kind: 'host', keyId: 'h', principals: ['web', '*.example.org'], baseType: 'ssh-ed25519' })
      expect(signatureHolds(certificate)).toBe(true)
      expect(hostCertificateProblem(certificate, 'web', Date.now())).toBeUndefined()
      expect(hostCertificateProblem(certificate, 'a.example.org', Date.now())).toBeUndefined()
      expect(hostCertificateProblem(certificate, 'db', Date.now())).toContain('it is for web')
      expect(hostCertificateProblem(certificate, 'web', Date.now() + 7_200_000)).toContain('expired')
      for (let at = 0; at < certificate.signed.length; at += 37) {
        const forged = Buffer.from(certificate.signed)
        forged[at] = (forged[at] ?? 0) ^ 1
        expect(signatureHolds({ ...certificate, signed: forged })).toBe(false)
      }
    })
  })
})

describe('what is no certificate', () => {
  test.each(['', 'ssh-ed25519 AAAA', 'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAA/////w=='])('%s', (text) => {
    expect(() => parseCertificateFile(text)).toThrow(RangeError)
  })
})
