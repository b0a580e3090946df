// Every example runs, and says what its comments promise.
import { peer } from '@train-ts/testkit'
import { describeWithPeer, testWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
// eslint-disable-next-line train/arrows -- a test's helper, not a part of a package: the same real sshd for both
import { sshdPeers, startSshd } from '../packages/transport-ssh/test/sshd.js'
// eslint-disable-next-line train/arrows -- its type
import type { Sshd } from '../packages/transport-ssh/test/sshd.js'
import { homeFor } from './support/home.js'
import type { Home } from './support/home.js'
import { runExample } from './support/run-example.js'

async function outputOf(file: string, parameters: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await runExample(file, parameters, environment)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe('examples over local: and mock:', () => {
  test('first.ts', async () => {
    expect(await outputOf('first.ts')).toMatch(/it's \$HOME & more\n hello\n/)
  })

  test('run.ts', async () => {
    const output = await outputOf('run.ts')
    expect(output.match(/^O'Neill; rm -rf "\$HOME"$/gm)).toHaveLength(2)
    expect(output).toContain('grep: exit code 1\nFROM STDIN\n<Buffer 00 00 00 00>\n')
  })

  test('stream-lines.ts', async () => {
    const output = await outputOf('stream-lines.ts')
    expect(output).toMatch(/^stdout tick 1\nstdout tick 2\nstdout tick 3\n(stdout|stderr): 4 bytes\n(stdout|stderr): 4 bytes\nexit code 3\n$/)
  })

  test('files.ts', async () => {
    const output = await outputOf('files.ts')
    expect(output).toContain('file directory FILE_NOT_FOUND\nfirst line\nsecond line\n\nfalse\n')
    expect(output).toMatch(/sent (\d+) of \1\ntrue\n$/)
  })

  test('errors.ts', async () => {
    const output = await outputOf('errors.ts')
    expect(output.match(/: [A-Z_]+(?=[ :])/g)).toEqual([': INVALID_OPTIONS', ': INVALID_TARGET', ': FILE_NOT_FOUND', ': TIMEOUT'])
    expect(output).toContain('Did you mean "connectTimeout"?')
    expect(output).toContain('exit code 28, stderr: disk full\n')
  })

  test('timeouts-and-cancel.ts', async () => {
    const output = await outputOf('timeouts-and-cancel.ts')
    expect(output).toContain(`TIMEOUT { phase: 'run', timeout: 2000, killed: true } "begun\\n"`)
    expect(output).toContain('AbortError Error: the user pressed Escape { killed: true }\nthe connection still works\n')
  })

  testWithPeer([peer('sudo'), peer('root')], 'sudo.ts', async () => {
    expect(await outputOf('sudo.ts')).toMatch(/^root, \/root\n[0-7]+\n$/)
  })

  test('many-hosts.ts', async () => {
    const output = await outputOf('many-hosts.ts')
    expect(output.match(/^local:.*exit code 0/gm)).toHaveLength(2)
    expect(output.match(/^ssh:\/\/127\.0\.0\.1:1: CONNECT_FAILED/gm)).toHaveLength(2)
  })

  test('testing-with-mock.ts', async () => {
    expect(await outputOf('testing-with-mock.ts')).toBe('The program restarts what is down.\n')
  })
})

describeWithPeer(sshdPeers, 'examples over ssh://, with only the URL changed', () => {
  let server: Sshd
  let home: Home
  beforeAll(async () => {
    server = await startSshd()
    home = homeFor(server)
  })
  afterAll(async () => {
    home?.[Symbol.dispose]()
    await server?.close()
  })
  const url = (): string => `ssh://root@127.0.0.1:${server.port}`

  test.each(['first.ts', 'files.ts'])('%s', async (file) => {
    expect(await outputOf(file, [url()], home.environment)).not.toBe('')
  })

  test('timeouts-and-cancel.ts', async () => {
    expect(await outputOf('timeouts-and-cancel.ts', [url()], home.environment)).toMatch(/TIMEOUT .* killed: true[^]*AbortError .* killed: true/)
  })

  test('jump-host.ts', async () => {
    expect(await outputOf('jump-host.ts', [url(), url()], home.environment)).toMatch(/^127\.0\.0\.1 .*\nhello from behind\n$/)
  })
})
