// The emulator's SPNEGO, judged by curl with the system's GSSAPI (gss-ntlmssp behind it).
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPosixMachine } from '../support/posix-machine.js'

const run = promisify(execFile)

describeWithPeer([peer('curl'), peer('gss-ntlmssp')], 'curl --negotiate', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'train-curl-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  async function curl(password: string): Promise<string> {
    await writeFile(join(directory, 'users'), `EMULATOR:administrator:${password}\n`)
    await using emulator = await startPosixMachine({ domain: 'EMULATOR' })
    const { stdout } = await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--negotiate', '-u', ':', '-d', '', `http://localhost:${emulator.port}/wsman`], {
      env: { PATH: process.env['PATH'], NTLM_USER_FILE: join(directory, 'users'), KRB5_CONFIG: '/dev/null' },
    })
    return stdout
  }

  test('logs in', async () => {
    expect(await curl('Pa55w0rd!')).toBe('200')
  })

  test('is refused with a wrong password', async () => {
    expect(await curl('wrong')).toBe('401')
  })
})
