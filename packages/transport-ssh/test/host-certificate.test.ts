// Host certificates, made by ssh-keygen and shown by sshd, checked against @cert-authority. Opt in.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { failure, open, run } from './driver.js'
import type { Given } from './driver.js'
import { keygen, sshdPeers, startSshd } from './sshd.js'
import type { Sshd } from './sshd.js'

type KeyType = 'ed25519' | 'ecdsa' | 'rsa'

type Use<Result> = (sshd: Sshd, authority: string, given: Given) => Promise<Result>

async function withCertificate<Result>(type: KeyType, sign: readonly string[], use: Use<Result>): Promise<Result> {
  const sshd = await startSshd({
    hostKeys: [type],
    prepare(directory) {
      keygen(join(directory, 'ca'), 'ed25519')
      execFileSync('ssh-keygen', ['-q', '-s', join(directory, 'ca'), '-h', '-I', 'the host', ...sign, join(directory, `host_${type}.pub`)], { stdio: 'ignore' })
      return [`HostCertificate ${join(directory, `host_${type}-cert.pub`)}`]
    },
  })
  try {
    const authority = readFileSync(join(sshd.directory, 'ca.pub'), 'utf8')
    return await use(sshd, authority, { port: sshd.port, user: 'root', keyFiles: [sshd.keyFile], hostCertificates: true })
  } finally {
    await sshd.close()
  }
}

function known(sshd: Sshd, text: string): readonly string[] {
  const file = join(sshd.directory, `known${Math.random()}`)
  writeFileSync(file, text)
  return [file]
}

describeWithPeer(sshdPeers, 'host certificates', () => {
  const good = ['-n', '127.0.0.1,localhost', '-V', '-1m:+1h']

  test.each(['ed25519', 'ecdsa'] as const)('%s: accepted by its authority, again when the keys are renewed', async (type) => {
    await withCertificate(type, good, async (sshd, authority, given) => {
      const session = await open({ ...given, knownHosts: known(sshd, `@cert-authority [127.0.0.1]:${sshd.port},127.* ${authority}`) })
      expect((await run(session, 'echo in')).stdout).toBe('in\n')
      const renewed = new Promise((settle) => session.native?.once('handshake', settle))
      ;(session.native as unknown as { _protocol: { rekey(): void } })._protocol.rekey()
      await renewed
      expect((await run(session, 'echo in')).stdout).toBe('in\n')
      await session.close()
    })
  })

  test('refused: wrong authority, wrong name, expired, revoked key, revoked authority, other host', async () => {
    await withCertificate('ed25519', good, async (sshd, authority, given) => {
      keygen(join(sshd.directory, 'other'), 'ed25519')
      const other = readFileSync(join(sshd.directory, 'other.pub'), 'utf8')
      const refused = async (text: string): Promise<string> => {
        const error = await failure(open({ ...given, knownHosts: known(sshd, text) }))
        expect(error.code).toBe('HOST_KEY_REJECTED')
        return error.message
      }
      expect(await refused(`@cert-authority * ${other}`)).toContain('no @cert-authority for this host')
      expect(await refused(`@cert-authority * ${authority}@revoked * ${sshd.hostKey('ed25519')}`)).toContain('is revoked by')
      expect(await refused(`@cert-authority * ${authority}@revoked * ${authority}`)).toContain('is unknown')
      expect(await refused(`@cert-authority elsewhere ${authority}`)).toContain('is unknown')
    })
    await withCertificate('ed25519', ['-n', 'elsewhere', '-V', '-1m:+1h'], async (sshd, authority, given) => {
      expect((await failure(open({ ...given, knownHosts: known(sshd, `@cert-authority * ${authority}`) }))).message).toContain('it is for elsewhere')
    })
    await withCertificate('ed25519', ['-n', '127.0.0.1', '-V', '20200101:20200102'], async (sshd, authority, given) => {
      expect((await failure(open({ ...given, knownHosts: known(sshd, `@cert-authority * ${authority}`) }))).message).toContain('it has expired')
    })
  })

  test('not asked for: the plain key decides', async () => {
    await withCertificate('ed25519', good, async (sshd, authority, given) => {
      expect((await failure(open({ ...given, hostCertificates: false, knownHosts: known(sshd, `@cert-authority * ${authority}`) }))).message).toContain('is unknown')
      const session = await open({ ...given, hostCertificates: false, knownHosts: [sshd.knownHosts] })
      await session.close()
    })
  })

  test('an RSA host has none that can be checked: its plain key decides', async () => {
    await withCertificate('rsa', good, async (sshd, authority, given) => {
      expect((await failure(open({ ...given, knownHosts: known(sshd, `@cert-authority * ${authority}`) }))).message).toContain('is unknown')
      const session = await open({ ...given, knownHosts: known(sshd, `@cert-authority * ${authority}${readFileSync(sshd.knownHosts, 'utf8')}`) })
      await session.close()
    })
  })
})
