// Devices and consoles that are not as they should be.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, connectWith, createRegistry } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeWithPeer, testWithPeer } from '@train-ts/testkit/vitest'
import driver, { listPorts } from '@train-ts/transport-serial'
import { startEmulator } from '@train-ts/transport-serial/emulator'
import { describe, expect, test } from 'vitest'
import { deviceOf } from '../src/device.js'
import { openError } from '../src/errors.js'
import { openConsole } from './support/console.js'

const registry = createRegistry()
registry.register(driver)

describe('URLs name devices', () => {
  test.each([
    ['dev', '/ttyUSB0/9600', '/dev/ttyUSB0', 9600], [undefined, '/dev/ttyS9', '/dev/ttyS9', undefined], ['COM3', undefined, 'COM3', undefined], ['com4', '/115200', 'COM4', 115200],
    ['dev', '/pts/5', '/dev/pts/5', undefined], ['dev', '/serial/by-id/usb-x', '/dev/serial/by-id/usb-x', undefined],
  ] as const)('%s %s', (host, path, device, baudRate) => { expect(deviceOf(host, path)).toEqual({ device, baudRate }) })

  test.each([['serial+tcp://host', /serial\+tcp:\/\/host:port/], ['serial://dev:99/ttyUSB0', /serial\+tcp/], ['serial:///dev/x?data_bits=9', /5, 6, 7 or 8/]])('%s is refused', async (url, hint) => {
    await expect(connect(url, { registry })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', hint: expect.stringMatching(hint) })
  })
})

describe('a device', () => {
  test('that is not there', async () => {
    await expect(connect('serial:///dev/train-ts-none', { registry })).rejects.toMatchObject({ code: 'CONNECT_FAILED', details: { reason: 'no-device' } })
  })

  test('that is none', async () => {
    await expect(connect('serial:///dev/null', { registry })).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  })

  test('that this user may not open: the hint names its group', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'train-ts-'))
    chmodSync(directory, 0o700)
    const error = await openError(directory, new Error(`Error: Permission denied, cannot open ${directory}`))
    rmSync(directory, { recursive: true })
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', retryable: false, details: { reason: 'permission' }, hint: expect.stringMatching(/group \w+/) })
  })

  testWithPeer([peer('socat'), peer('setsid')], 'that somebody else has, and whose cable is pulled', async () => {
    await using line = await openConsole(['sh', '-c', 'exec </dev/PTY >/dev/PTY 2>&1; stty sane; exec sh -i'])
    const options = { device: line.device, baud: 115_200 }
    const host = await connectWith(driver, options)
    expect((await host.run('echo here; exit 3'))).toMatchObject({ stdout: 'here\n', exitCode: 3 })
    await expect(connectWith(driver, options)).rejects.toMatchObject({ code: 'CONNECT_FAILED', details: { reason: 'busy' } })
    const running = host.stream('echo partial; sleep 1000')
    const seen: unknown[] = []
    const failed = (async () => {
      for await (const event of running) {
        seen.push(event.type)
        line.unplug()
      }
    })()
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(seen).toEqual(['stdout'])
    await host.close()
  })

  test('is listed by name, and none is opened', async () => {
    const sys = mkdtempSync(join(tmpdir(), 'train-ts-sys-'))
    for (const name of ['ttyUSB0', 'tty0']) mkdirSync(join(sys, name))
    symlinkSync(sys, join(sys, 'ttyUSB0', 'device'))
    expect(await listPorts({ sys })).toEqual(['/dev/ttyUSB0'])
    rmSync(sys, { recursive: true })
  })
})

describeWithPeer([peer('script')], 'a console behind TCP', () => {
  test('at a wrong baud rate is told as garbage, and does not hang', async () => {
    await using emulator = await startEmulator({ garbled: true })
    await expect(connect(emulator.url, { registry, ...emulator.options })).rejects.toMatchObject({ code: 'CONNECT_FAILED', hint: expect.stringMatching(/baud rate/) })
  })

  test('that asks for a login: none given, wrong, right', async () => {
    await using emulator = await startEmulator({ login: { user: 'op', password: 'console-secret' } })
    await expect(connect(emulator.url, { registry })).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'no-user' } })
    await expect(connect(emulator.url, { registry, user: 'op', password: 'wrong' })).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'rejected' } })
    await using host = await connect(emulator.url, { registry, ...emulator.options })
    expect((await host.run('echo in')).stdout).toBe('in\n')
  })

  test('that is unplugged in mid-command: what arrived is told', async () => {
    await using emulator = await startEmulator()
    await using host = await connect(emulator.url, { registry })
    // The command itself tells when it has said something: its stdin is asked for as soon as it runs.
    const stdin = (async function* () {
      yield Buffer.from('go\n')
      await new Promise<void>((resolve) => { unplug = () => { emulator.unplug(); resolve() } })
    })()
    let unplug = (): void => undefined
    const file = join(mkdtempSync(join(tmpdir(), 'train-ts-')), 'said')
    const running = host.run(`read -r x; echo partial; sleep 0.2; echo >${file}; sleep 1000`, { stdin })
    const watch = setInterval(() => { if (existsSync(file)) { clearInterval(watch); unplug() } }, 20)
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST', result: { stdout: 'partial\n', exitCode: null } })
  })

  test('at 9600 baud, with a kernel that talks: exact bytes and code', async () => {
    await using emulator = await startEmulator({ baudRate: 9600, chatterEvery: 3000 })
    await using host = await connect(emulator.url, { registry, ...emulator.options })
    expect(await host.run('seq 1 300; echo e >&2; exit 5')).toMatchObject({ stdout: Array.from({ length: 300 }, (_, index) => `${String(index + 1)}\n`).join(''), stderr: 'e\n', exitCode: 5 })
  }, 60_000)

  test('without echo', async () => {
    await using emulator = await startEmulator({ echo: false })
    await using host = await connect(emulator.url, { registry })
    expect((await host.run('echo heard')).stdout).toBe('heard\n')
  })

  test.each([['grub> ', 'grub'], ['=> ', 'u-boot'], ['PS C:\\> ', 'powershell']])('at %j: says which dialect it is', async (prompt, dialect) => {
    await using emulator = await startEmulator({ shell: `sh -c "while :; do printf '${prompt.replaceAll('\\', '\\\\\\\\')}'; read -r x || exit; done"` })
    await expect(connect(emulator.url, { registry })).rejects.toMatchObject({ code: 'CONNECT_FAILED', hint: expect.stringContaining(dialect) })
  })
})
