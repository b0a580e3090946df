// Private keys in each form that people have.
import { generateKeyPairSync } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { parsePrivateKey, publicPart } from '../src/identities.js'
import { keygen } from './sshd.js'

describe('PKCS#8', () => {
  const pairs = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ec: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    ed25519: generateKeyPairSync('ed25519'),
  }
  test.each(['rsa', 'ec', 'ed25519'] as const)('%s, plain and encrypted', (type) => {
    const { privateKey } = pairs[type]
    const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' }).toString()
    const plain = parsePrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), undefined)
    const opened = parsePrivateKey(encrypted, 'open')
    if ('problem' in plain) expect.fail(plain.problem)
    if ('problem' in opened) expect.fail(opened.problem)
    expect(opened.key.getPublicSSH().equals(plain.key.getPublicSSH())).toBe(true)
    const signature: unknown = plain.key.sign('data', type === 'rsa' ? 'sha256' : undefined)
    expect(plain.key.verify('data', signature as Buffer, type === 'rsa' ? 'sha256' : undefined)).toBe(true)
    expect(parsePrivateKey(encrypted, undefined)).toEqual({ problem: 'it is encrypted, and no passphrase was given', encrypted: true })
    expect(parsePrivateKey(encrypted, 'wrong')).toEqual({ problem: 'the passphrase is wrong', encrypted: true })
  })
  test('broken', () => expect(parsePrivateKey('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', undefined)).toMatchObject({ encrypted: false }))
})

describeWithPeer(peer('ssh-keygen'), 'keys of ssh-keygen', () => {
  let directory: string
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'train-keys-'))))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test.each([['ed25519', []], ['ecdsa', ['-b', '521']], ['rsa', []], ['rsa', ['-m', 'PEM']], ['ecdsa', ['-m', 'PEM']], ['rsa', ['-m', 'PKCS8']], ['ecdsa', ['-m', 'PKCS8']]] as const)('%s %j', (type, more) => {
    const file = join(directory, `k${Math.random()}`)
    execFileSync('ssh-keygen', ['-q', '-t', type, ...more, '-N', '', '-f', file])
    const loaded = parsePrivateKey(readFileSync(file), undefined)
    if ('problem' in loaded) expect.fail(loaded.problem)
    expect(loaded.key.getPublicSSH().toString('base64')).toBe(readFileSync(`${file}.pub`, 'utf8').split(' ')[1])
  })
  test('the public half of a locked key, from inside and from beside it', async () => {
    const file = join(directory, 'locked')
    keygen(file, 'ed25519', undefined, 'secret')
    const wanted = readFileSync(`${file}.pub`, 'utf8').split(' ')[1]
    expect((await publicPart(readFileSync(file), undefined))?.toString('base64')).toBe(wanted)
    expect((await publicPart(undefined, file))?.toString('base64')).toBe(wanted)
    expect(await publicPart(Buffer.from('x'), join(directory, 'nowhere'))).toBeUndefined()
  })
  test.each(['', 'hello', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFLyOjzJOVV5gTqBRPyfh9nGPTcaeIKcGI0iHMoZDCSk x'])('no key: %j', (text) => {
    expect(parsePrivateKey(text, undefined)).toHaveProperty('problem')
  })
})
