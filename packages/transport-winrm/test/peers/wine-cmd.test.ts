// shell=cmd on a real cmd.exe: Wine's, from Debian.
import { connectWith, type Connection } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmulator, type WinrmEmulator } from '../../emulator/index.js'
import winrm from '../../src/index.js'

describeWithPeer(peer('wine64'), "wine's cmd.exe", () => {
  let emulator: WinrmEmulator
  let host: Connection
  beforeAll(async () => {
    emulator = await startEmulator({ shell: 'cmd' })
    host = await connectWith(winrm, { host: '127.0.0.1', port: emulator.port, connectionRetries: 1, ...emulator.options })
    // The first run makes the prefix.
    await host.run('ver')
  }, 120_000)
  afterAll(async () => {
    await host.close()
    await emulator.close()
  })

  test('stdout, stderr and the exit code', async () => {
    expect(await host.run('echo out& echo err 1>&2& exit 5')).toMatchObject({ stdout: 'out\r\n', stderr: 'err \r\n', exitCode: 5 })
    expect((await host.run('exit 200')).exitCode).toBe(200)
  })

  test('which shell it is, as core asks', async () => {
    expect((await host.run('echo "$PSEdition;%OS%"')).stdout).toBe('"$PSEdition;Windows_NT"\r\n')
  })

  test('a percent sign that names nothing stays', async () => {
    expect((await host.run('echo 100% %NO_SUCH_NAME% "a b"')).stdout).toBe('100% %NO_SUCH_NAME% "a b"\r\n')
  })

  test('variables and directory', async () => {
    expect((await host.run('echo [%GREETING%]& cd', { env: { GREETING: 'good morning' }, cwd: 'C:\\windows' })).stdout).toBe('[good morning]\r\nC:\\windows\r\n')
  })

  test('stdin', async () => {
    expect((await host.run('more', { stdin: 'one\r\ntwo\r\n' })).stdout).toContain('one\r\ntwo')
  })

  // reg.exe splits its command line by the C runtime's rules and shows what it got.
  test.each(['plain', 'a b', 'a"b', 'c:\\dir\\', 'a b\\', '100% %PATH%', 'a & b | c > d', '(x) ^ !y!', '', 'quote "in" it'])('an argument arrives as it is: %j', async (value) => {
    expect(await host.run(['reg', 'add', 'HKCU\\TrainTs', '/v', 'name', '/d', value, '/f'])).toMatchObject({ exitCode: 0 })
    const { stdout } = await host.run('reg query HKCU\\TrainTs /v name')
    expect(/REG_SZ {4}(.*)\r\n/.exec(stdout)?.[1]).toBe(value)
  })

  test('a long line', async () => {
    expect((await host.run(`echo ${'x'.repeat(7900)}`)).stdout).toBe(`${'x'.repeat(7900)}\r\n`)
  })

  test('a program that does not exist', async () => {
    expect((await host.run('no-such-program')).exitCode).not.toBe(0)
  })

  test('an abort ends the command, and the next one runs', async () => {
    await expect(host.run('ping -n 1000 127.0.0.1', { timeout: 1500 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { killed: true } })
    expect((await host.run('echo alive')).stdout).toBe('alive\r\n')
  })
})
