import { connectWith, isTransportError, TransportError } from '@train-ts/core'
import { afterEach, describe, expect, test } from 'vitest'
import winrm from '../src/index.js'
import type { EmulatorKnobs, WinrmEmulator } from '../emulator/index.js'
import { startPosixMachine } from './support/posix-machine.js'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function machine(knobs: EmulatorKnobs = {}): Promise<WinrmEmulator> {
  const emulator = await startPosixMachine(knobs)
  open.push(() => emulator.close())
  return emulator
}

async function to(emulator: WinrmEmulator, options: Record<string, unknown> = {}) {
  const url = new URL(emulator.url)
  const host = await connectWith(winrm, { host: '127.0.0.1', port: Number(url.port), user: url.username, ...emulator.options, connectionRetries: 1, ...options })
  open.push(() => host.close())
  return host
}

describe.each([
  ['NTLM, sealed', {}, {}],
  ['SPNEGO around NTLM, sealed', {}, { winrmTransport: 'spnego' }],
  ['NTLM in TLS, strict channel binding', { tls: true, channelBinding: 'strict' }, {}],
  ['NTLM in TLS, sealed as well', { tls: true, channelBinding: 'strict' }, { messageEncryption: 'always' }],
  ['Basic in TLS', { tls: true }, { winrmTransport: 'ssl' }],
  ['Basic in clear, asked for by name', { allowUnencrypted: true }, { winrmTransport: 'plaintext' }],
] as const)('%s', (_, knobs, options) => {
  test('output, exit code, stdin', async () => {
    const host = await to(await machine(knobs), options)
    const result = await host.run('echo out; echo err >&2; exit 7')
    expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 7 })
    expect((await host.run('cat', { stdin: 'hällo' })).stdout).toBe('hällo')
  })
})
