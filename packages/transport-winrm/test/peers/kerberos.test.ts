// Kerberos with sealing, against a real KDC (MIT krb5-kdc) and MIT's acceptor through python-gssapi.
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectWith, secret } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { certificate, privateKey } from '../../emulator/certificate.js'
import winrm from '../../src/index.js'
import { startGateway } from '../support/gss-gateway.js'
import { startRealm, type Realm } from '../support/kdc.js'
import { startPosixMachine } from '../support/posix-machine.js'

const password = 'Gehe1m-secret'

describeWithPeer([peer('krb5kdc'), peer('kadmin.local'), peer('kinit'), peer('python-gssapi'), peer('libgssapi')], 'Kerberos', () => {
  let realm: Realm
  beforeAll(async () => {
    realm = await startRealm('localhost', password)
    await writeFile(join(realm.directory, 'cert.pem'), certificate)
    await writeFile(join(realm.directory, 'key.pem'), privateKey)
    for (const [name, value] of Object.entries(realm.env)) if (name.startsWith('KRB5')) vi.stubEnv(name, value)
  })
  afterEach(() => void execFileSync('kdestroy', ['-q'], { stdio: 'ignore' }))
  afterAll(async () => {
    vi.unstubAllEnvs()
    await realm[Symbol.asyncDispose]()
  })

  async function session(mechanism: 'krb5' | 'spnego', options: Record<string, unknown>, tls = false) {
    await using emulator = await startPosixMachine({ allowUnencrypted: true })
    const files = { cert: join(realm.directory, 'cert.pem'), key: join(realm.directory, 'key.pem') }
    await using gateway = await startGateway(emulator, { mechanism, env: realm.env, ...(tls ? { certificate: files } : {}) })
    await using host = await connectWith(winrm, { host: 'localhost', port: gateway.port, shell: 'cmd', connectionRetries: 1, ...(tls ? { ssl: true, ca: certificate } : {}), ...options })
    const first = await host.run('cat; exit 3', { stdin: 'ä'.repeat(50_000) })
    return { bytes: first.stdout.length, exitCode: first.exitCode, second: (await host.run('echo again')).stdout, complaints: gateway.complaints }
  }
  const right = { bytes: 50_000, exitCode: 3, second: 'again\n', complaints: [] }
  const kinit = (): void => void execFileSync('kinit', ['alice'], { input: `${password}\n`, stdio: ['pipe', 'ignore', 'pipe'] })

  test('sealed, with a password and no kinit', async () => {
    expect(await session('krb5', { winrmTransport: 'kerberos', user: 'alice', password: secret(password), kerberosRealm: 'TRAIN.TEST' })).toEqual(right)
  })

  test('sealed, with the ticket of kinit', async () => {
    kinit()
    expect(await session('krb5', { winrmTransport: 'kerberos' })).toEqual(right)
  })

  test('negotiate without a password: the ticket, inside SPNEGO', async () => {
    kinit()
    expect(await session('spnego', {})).toEqual(right)
  })

  test('in TLS, with channel binding', async () => {
    kinit()
    expect(await session('krb5', { winrmTransport: 'kerberos' }, true)).toEqual(right)
    expect(await session('krb5', { winrmTransport: 'kerberos', messageEncryption: 'always' }, true)).toEqual(right)
  })

  test('a wrong password, no ticket, a service that the realm does not know', async () => {
    const kerberos = { winrmTransport: 'kerberos', kerberosRealm: 'TRAIN.TEST' }
    await expect(session('krb5', { ...kerberos, user: 'alice', password: secret('wrong') })).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'refused' } })
    await expect(session('krb5', kerberos)).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'no_ticket' } })
    kinit()
    await expect(session('krb5', { ...kerberos, kerberosService: 'WSMAN' })).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'wrong_spn' } })
  })
})
