// Our client, judged by an acceptor that nobody here wrote: gss-ntlmssp, through python-gssapi.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectWith, secret } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificate, privateKey } from '../../emulator/certificate.js'
import winrm from '../../src/index.js'
import { startGateway } from '../support/gss-gateway.js'
import { startPosixMachine } from '../support/posix-machine.js'

describeWithPeer([peer('gss-ntlmssp'), peer('python-gssapi')], 'gss-ntlmssp', () => {
  let directory = ''
  const file = (name: string): string => join(directory, name)
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'train-gss-'))
    await writeFile(file('users'), 'CORP:alice:Gehe1m!äß\n')
    await writeFile(file('cert.pem'), certificate)
    await writeFile(file('key.pem'), privateKey)
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  async function session(mechanism: 'ntlm' | 'spnego', tls: boolean, options: Record<string, unknown>) {
    await using emulator = await startPosixMachine({ allowUnencrypted: true })
    await using gateway = await startGateway(emulator, {
      mechanism,
      env: { NTLM_USER_FILE: file('users'), LANG: 'C.UTF-8' },
      ...(tls ? { certificate: { cert: file('cert.pem'), key: file('key.pem') } } : {}),
    })
    await using host = await connectWith(winrm, {
      host: '127.0.0.1', port: gateway.port, user: 'CORP\\alice', password: secret('Gehe1m!äß'), shell: 'cmd', connectionRetries: 1, ...(tls ? { ssl: true, ca: certificate } : {}), ...options,
    })
    const first = await host.run('cat; exit 3', { stdin: 'ä'.repeat(100_000) })
    const second = await host.run('echo again')
    return { bytes: first.stdout.length, exitCode: first.exitCode, second: second.stdout, complaints: gateway.complaints }
  }
  const right = { bytes: 100_000, exitCode: 3, second: 'again\n', complaints: [] }

  test('sealed, with MIC', async () => {
    expect(await session('ntlm', false, { winrmTransport: 'ntlm' })).toEqual(right)
  })

  test('inside SPNEGO, with its own MIC and restarted ciphers', async () => {
    expect(await session('spnego', false, { winrmTransport: 'spnego' })).toEqual(right)
  })

  test('with channel binding in TLS', async () => {
    expect(await session('ntlm', true, {})).toEqual(right)
    expect(await session('ntlm', true, { messageEncryption: 'always' })).toEqual(right)
  })

  test('a wrong password is refused', async () => {
    await expect(session('ntlm', false, { password: secret('wrong') })).rejects.toMatchObject({ code: 'AUTH_FAILED' })
  })
})
