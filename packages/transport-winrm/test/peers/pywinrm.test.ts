// The emulator, judged by a client that nobody here wrote: pywinrm with requests-ntlm, from Debian.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificate } from '../../emulator/certificate.js'
import type { EmulatorKnobs } from '../../emulator/index.js'
import { startPosixMachine } from '../support/posix-machine.js'

const run = promisify(execFile)
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

interface Result {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

describeWithPeer([peer('pywinrm'), peer('requests-ntlm')], 'pywinrm', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'train-pywinrm-'))
    await writeFile(join(directory, 'ca.pem'), certificate)
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  type Parameters = readonly [knobs: EmulatorKnobs, transport: string, encryption: string, password: string, commands: readonly string[]]
  async function pywinrm(...[knobs, transport, encryption, password, commands]: Parameters): Promise<readonly Result[]> {
    await using emulator = await startPosixMachine(knobs)
    const endpoint = knobs.tls === true ? `https://localhost:${emulator.port}/wsman` : `http://localhost:${emulator.port}/wsman`
    const ca = knobs.tls === true ? join(directory, 'ca.pem') : '-'
    const { stdout } = await run('/usr/bin/python3', [here('pywinrm_client.py'), endpoint, transport, 'administrator', password, ca, encryption, ...commands], {
      env: { PATH: process.env['PATH'], OPENSSL_CONF: here('openssl-legacy.cnf') },
    })
    return JSON.parse(stdout) as readonly Result[]
  }

  test.each([
    ['sealed NTLM over HTTP', {}, 'ntlm', 'auto'],
    ['NTLM with channel binding over HTTPS', { tls: true, channelBinding: 'strict' }, 'ntlm', 'auto'],
    ['sealed NTLM with channel binding over HTTPS', { tls: true, channelBinding: 'strict' }, 'ntlm', 'always'],
    ['Basic over HTTPS', { tls: true }, 'basic', 'auto'],
  ] as const)('%s: output, a long poll that faults twice, exit codes', async (_, knobs, transport, encryption) => {
    const results = await pywinrm(knobs, transport, encryption, 'Pa55w0rd!', ['echo hällo $FROM_PYWINRM; echo err >&2; exit 5', 'sleep 2.5; echo late'])
    expect(results).toEqual([{ stdout: 'hällo yes\n', stderr: 'err\n', exitCode: 5 }, { stdout: 'late\n', stderr: '', exitCode: 0 }])
  })

  test('a wrong password is refused', async () => {
    await expect(pywinrm({}, 'ntlm', 'auto', 'wrong', ['true'])).rejects.toThrow('InvalidCredentialsError')
  })
})
