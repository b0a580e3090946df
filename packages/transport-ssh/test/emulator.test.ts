// The emulator through the public interface, and by a client that nobody here wrote.
import { execFile } from 'node:child_process'
import { writeFileSync, mkdtempSync, rmSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeConformance, describeWithPeer } from '@train-ts/testkit/vitest'
import { startEmulator } from '../emulator/index.js'
import type { EmulatorKnobs } from '../emulator/index.js'
import driver from '../src/index.js'
import '../src/register.js'
import { failure } from './driver.js'
import { keygen } from './sshd.js'
import { listen } from './tcp.js'

async function over<Result>(knobs: EmulatorKnobs, use: (host: Connection) => Promise<Result>, more: object = {}): Promise<Result> {
  await using emulator = await startEmulator(knobs)
  const host = await connect(emulator.url, { ...emulator.options, ...more })
  try {
    return await use(host)
  } finally {
    await host.close()
  }
}

describe('the emulator', () => {
  test('runs what it is told to', async () => {
    await using emulator = await startEmulator()
    const host = await connect(emulator.url, emulator.options)
    expect(await host.run('echo out; echo err >&2; exit 3')).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 3 })
    expect((await host.run('cat', { stdin: 'x'.repeat(3_000_000) })).stdout).toHaveLength(3_000_000)
    expect(emulator.commands.at(-1)).toContain('cat')
    await host.close()
  })
  test('a wrong password', async () => {
    await using emulator = await startEmulator()
    expect(await failure(connect(emulator.url, { ...emulator.options, password: 'no' }))).toMatchObject({ code: 'AUTH_FAILED' })
  })
  test('a second factor', async () => {
    const knobs: EmulatorKnobs = { allMethods: true, keyboardInteractive: [{ prompt: 'Code: ', answer: '4711' }] }
    const asked: string[] = []
    const onPrompt = ({ message }: { message: string }): string => {
      asked.push(message)
      return '4711'
    }
    expect((await over(knobs, (host) => host.run('echo in'), { onPrompt })).stdout).toBe('in\n')
    expect(asked).toEqual(['Code: '])
    const error = await failure(over(knobs, (host) => host.run('echo in')))
    expect(error).toMatchObject({ code: 'AUTH_FAILED' })
    expect(error.message).toContain('password: accepted, but the server wants more')
  })
  test.each([
    ['says nothing', { silent: true }, 'TIMEOUT'],
    ['hangs up after the login', { dropAfterLogin: true }, 'CONNECTION_LOST'],
    ['refuses commands', { refuseExec: true }, 'UNSUPPORTED'],
    ['hangs up in mid-output', { dropAfterBytes: 1000 }, 'CONNECTION_LOST'],
    ['tells no exit code', { noExitStatus: true }, 'PROTOCOL_ERROR'],
  ])('%s', async (_title, knobs, code) => {
    expect(await failure(over(knobs, (host) => host.run('head -c 100000 /dev/zero'), { connectTimeout: 2000 }))).toMatchObject({ code })
  })
  test('few sessions: learned from refusals, fair, none fails', async () => {
    const results = await over({ maxSessions: 2, latency: 5 }, (host) => Promise.all(Array.from({ length: 12 }, (_, index) => host.run(`echo ${index}`))))
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 12 }, (_, index) => String(index)))
  })
  test('the network goes away', async () => {
    await using emulator = await startEmulator()
    const host = await connect(emulator.url, emulator.options)
    const running = failure(host.run('sleep 20'))
    await host.run('true')
    emulator.cut()
    expect(await running).toMatchObject({ code: 'CONNECTION_LOST' })
    await host.close()
  })
  test('a banner is a notice', async () => {
    const notices: string[] = []
    await over({ banner: 'Authorised use only' }, () => Promise.resolve(), { onNotice: ({ message }: { message: string }) => notices.push(message) })
    expect(notices).toEqual([expect.stringContaining('Authorised use only')])
  })
})

describeWithPeer([peer('ssh'), peer('ssh-keygen')], "the emulator and OpenSSH's client", () => {
  let directory: string
  beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'train-emulator-'))))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('key, command, stdin, exit code', async () => {
    keygen(join(directory, 'key'), 'ed25519')
    await using emulator = await startEmulator({ authorizedKeys: [readFileSync(join(directory, 'key.pub'), 'utf8')] })
    const { port, username } = new URL(emulator.url)
    writeFileSync(join(directory, 'known'), '')
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${join(directory, 'known')}`, 'BatchMode=yes', 'LogLevel=ERROR'].flatMap((option) => ['-o', option])
    const running = promisify(execFile)('ssh', ['-F', 'none', ...options, '-i', join(directory, 'key'), '-p', port, `${username}@127.0.0.1`, 'cat; exit 5'])
    running.child.stdin?.end('hello')
    expect(await failure(running)).toMatchObject({ code: 5, stdout: 'hello' })
  })
})

describeConformance({
  name: 'ssh, over the emulator',
  driver,
  target: async () => {
    const [emulator, echo] = await Promise.all([startEmulator(), listen((socket) => socket.pipe(socket))])
    return {
      url: emulator.url,
      options: emulator.options,
      echo: { host: '127.0.0.1', port: echo.port },
      close: async () => {
        await echo.close()
        await emulator.close()
      },
    }
  },
})
