// What goes wrong, on its own or by somebody's will.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect, connectWith, createRegistry, secret, TransportError } from '@train-ts/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { certificate, privateKey } from '../emulator/certificate.js'
import type { Misbehaviour, Operation } from '../emulator/index.js'
import winrm from '../src/index.js'
import { connectTo, machine } from './support/connect.js'

const once = (operation: Operation, how: Misbehaviour, nth = 1) => ({
  misbehave: (given: Operation, count: number) => (given === operation && count === nth ? how : undefined),
})

describe('logins', () => {
  test.each([['negotiate', {}], ['spnego', { winrmTransport: 'spnego' }]])('a wrong password is tried once, never again: %s', async (_, options) => {
    const emulator = await machine()
    await expect(connectTo(emulator, { password: 'wrong', connectionRetries: 5, ...options })).rejects.toMatchObject({ code: 'AUTH_FAILED', retryable: false })
    expect(emulator.refusals).toBe(1)
  })

  test('the same in TLS by Basic', async () => {
    const emulator = await machine({ tls: true })
    await expect(connectTo(emulator, { password: 'wrong', winrmTransport: 'ssl', connectionRetries: 5 })).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    expect(emulator.refusals).toBe(1)
  })

  test('a scheme that is not offered is named, and those that are', async () => {
    const emulator = await machine({ schemes: ['Basic'] })
    await expect(connectTo(emulator)).rejects.toThrow(/does not offer Negotiate; it offers Basic/)
  })

  test('a challenge without sealing is a downgrade', async () => {
    await expect(connectTo(await machine(once('Login', 'downgrade')))).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { reason: 'downgrade' } })
  })

  test('channel binding: strict refuses a client that leaves it out, and takes one that does not', async () => {
    const emulator = await machine({ tls: true, channelBinding: 'strict' })
    await expect(connectTo(emulator, { channelBinding: false })).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    await connectTo(emulator)
  })

  test('a client certificate, and no other', async () => {
    const emulator = await machine({ tls: true, schemes: ['Certificate', 'Negotiate'] })
    const directory = await mkdtemp(join(tmpdir(), 'train-winrm-'))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    const [clientCert, clientKey] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    await Promise.all([writeFile(clientCert, certificate), writeFile(clientKey, privateKey)])
    const host = await connectTo(emulator, { password: undefined, clientCert, clientKey })
    expect((await host.run('exit 4')).exitCode).toBe(4)
    // A key of somebody else.
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
    await writeFile(clientKey, stranger.privateKey)
    await expect(connectTo(emulator, { password: undefined, clientCert, clientKey })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', details: { option: 'clientKey' } })
    await expect(connectTo(emulator, { clientCert })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
  })

  test('socks_proxy says how it is written here', async () => {
    await expect(connectTo(await machine(), { socksProxy: 'p:1080' })).rejects.toThrow(/socks5h:\/\/user:password@p:1080/)
  })

  test('Basic over clear HTTP needs to be asked for by name', async () => {
    await expect(connectTo(await machine(), { winrmBasicAuthOnly: true })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
  })

  test('AllowUnencrypted=false is explained', async () => {
    await expect(connectTo(await machine(), { winrmTransport: 'plaintext' })).rejects.toThrow(/AllowUnencrypted/)
  })

  test('CredSSP is refused, with the reason', async () => {
    await expect(connectTo(await machine(), { winrmTransport: 'credssp' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('certificates', () => {
  test('a self-signed one is refused, with its fingerprint', async () => {
    const emulator = await machine({ tls: true })
    await expect(connectTo(emulator, { ca: undefined })).rejects.toThrow(/not trusted.*SHA-256 [0-9A-F:]{95}/s)
    await expect(connectTo(emulator, { ca: undefined })).rejects.toMatchObject({ code: 'CERTIFICATE_REJECTED' })
  })

  test('a pin accepts exactly one; selfSigned accepts any', async () => {
    const emulator = await machine({ tls: true })
    const fingerprint = await connectTo(emulator, { ca: undefined }).then(() => '', (error: Error) => /SHA-256 ([0-9A-F:]+)/.exec(error.message)?.[1] ?? '')
    await connectTo(emulator, { ca: undefined, sslPeerFingerprint: fingerprint })
    await connectTo(emulator, { ca: undefined, selfSigned: true })
    await expect(connectTo(emulator, { sslPeerFingerprint: fingerprint.replace(/^../, '00') })).rejects.toMatchObject({ code: 'CERTIFICATE_REJECTED' })
  })

  test.each(['self_signed=true', 'winrm_transport=plaintext', 'ca_trust_file=/tmp/x', 'ssl_peer_fingerprint=00', 'winrm_basic_auth_only=true', 'channel_binding=false'])('a URL cannot set %s', async (query) => {
    const registry = createRegistry()
    registry.register(winrm)
    await expect(connect(`winrm://u:p@h/?${query}`, { registry })).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('URL') })
  })
})

describe('answers that cannot be trusted', () => {
  test.each(['clear-reply', 'tampered', 'out-of-sequence', 'wrong-length', 'wrong-relation', 'xml-bomb', 'huge'] as const)('%s is refused', async (how) => {
    const host = await connectTo(await machine(once('Create', how)))
    await expect(host.run('true')).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
  })

  test('a reply that ends in the middle', async () => {
    const host = await connectTo(await machine(once('Create', 'truncated')))
    await expect(host.run('true')).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  test('no answer at all ends with the patience of a long poll', async () => {
    const emulator = await machine(once('Create', 'no-answer'))
    const host = await connectTo(emulator)
    await expect(host.run('true', { timeout: 300 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  }, 20_000)
})

describe('what recovers', () => {
  test('an idle connection that was closed is opened again', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    await host.run('true')
    await emulator.dropConnections()
    expect((await host.run('exit 4')).exitCode).toBe(4)
  })

  test.each(['Receive', 'Signal'] as const)('%s is repeated when its connection breaks', async (operation) => {
    const host = await connectTo(await machine(once(operation, 'close-before', 2)))
    expect((await host.run('echo a')).stdout).toBe('a\n')
    expect((await host.run('echo b')).stdout).toBe('b\n')
  })

  test('Command is never repeated: it may have run', async () => {
    const emulator = await machine(once('Command', 'close-after', 2))
    const host = await connectTo(emulator)
    await host.run('true')
    await expect(host.run('true')).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(emulator.log.filter((operation) => operation === 'Command')).toHaveLength(2)
  })

  test('a login that the service forgot is renewed', async () => {
    const emulator = await machine(once('Command', 'forgotten', 2))
    const host = await connectTo(emulator)
    await host.run('true')
    expect((await host.run('exit 3')).exitCode).toBe(3)
    expect(emulator.refusals).toBe(0)
  })

  test('a shell that is gone is replaced', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    await host.run('true')
    emulator.dropShells()
    expect((await host.run('exit 6')).exitCode).toBe(6)
    expect(emulator.log.filter((operation) => operation === 'Create')).toHaveLength(2)
  })

  test.each([2150859174, 2147943418])('fault %d at Command: a new shell, once more', async (fault) => {
    const emulator = await machine(once('Command', { fault }))
    expect((await (await connectTo(emulator)).run('exit 6')).exitCode).toBe(6)
    expect(emulator.log.filter((operation) => operation === 'Create')).toHaveLength(2)
  })

  test('a shell that vanishes under a command: the outcome is unknown, and said so', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    const running = (async () => {
      for await (const event of host.stream('echo here; sleep 1000')) if (event.type === 'stdout') emulator.dropShells()
    })()
    await expect(running).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    expect((await host.run('exit 2')).exitCode).toBe(2)
  })

  test('more shells than the quota allows: the others wait', async () => {
    const emulator = await machine({ maxShells: 2 })
    const host = await connectTo(emulator)
    const results = await Promise.all([1, 2, 3, 4, 5].map((code) => host.run(`exit ${code}`)))
    expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 2, 3, 4, 5])
  })

  test('the quota used up by others is named', async () => {
    const emulator = await machine({ maxShells: 0 })
    await expect((await connectTo(emulator)).run('true')).rejects.toThrow(/concurrent shells/)
  })

  test('what cannot travel is refused before anything is sent', async () => {
    const emulator = await machine()
    const host = await connectTo(emulator)
    for (const command of ['echo a\0b', 'echo \u0007', '', 'echo a\necho b', 'x'.repeat(9000)]) await expect(host.run(command)).rejects.toThrow()
    expect(emulator.log).not.toContain('Command')
  })
})

test.each([[403, 'AUTH_FAILED'], [404, 'PROTOCOL_ERROR'], [503, 'CONNECT_FAILED'], [400, 'PROTOCOL_ERROR']] as const)('HTTP %d is explained', async (status, code) => {
  await expect(connectTo(await machine(once('Get', { status })))).rejects.toMatchObject({ code })
})

test('nobody listens', async () => {
  const emulator = await machine()
  await emulator.close()
  const opening = connectWith(winrm, { host: '127.0.0.1', port: emulator.port, password: secret('x'), connectionRetries: 2, connectionRetrySleep: 0.01 })
  await expect(opening).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
})

describe('the network', () => {
  /** A driver whose wires can be cut, and which can be kept from laying new ones. */
  function cuttable() {
    const wires = new Set<Duplex>()
    const state = { gone: false, lost: 0 }
    const driver: typeof winrm = {
      ...winrm,
      open: (options, context) =>
        winrm.open(options, {
          ...context,
          lost(cause) {
            state.lost += 1
            context.lost(cause)
          },
          async dial(host, port, call) {
            if (state.gone) throw new TransportError('CONNECT_FAILED', 'no route')
            const wire = await context.dial(host, port, call)
            wires.add(wire)
            return wire
          },
        }),
    }
    return { driver, state, cut: () => wires.forEach((wire) => wire.destroy()) }
  }
  async function running() {
    const emulator = await machine()
    const { driver, state, cut } = cuttable()
    const host = await connectWith(driver, { host: '127.0.0.1', port: emulator.port, ...emulator.options, connectionRetries: 1 })
    onTestFinished(() => host.close())
    return { host, state, cut }
  }

  test('a socket that is cut under a command is replaced, and nothing of its output is lost', async () => {
    const { host, cut } = await running()
    const output: string[] = []
    for await (const event of host.stream('echo one; read -r line; echo two; exit 3', { stdin: afterCut(cut) })) {
      output.push(event.type === 'exit' ? String(event.code) : Buffer.from('data' in event ? event.data : '').toString())
    }
    expect(output.join('')).toBe('one\ntwo\n3')
  })

  test('gone for good: calls in flight reject, with what had arrived, and later ones too', async () => {
    const { host, state, cut } = await running()
    const call = host.run('echo here; sleep 1000')
    await host.run('true')
    state.gone = true
    cut()
    await expect(call).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(state.lost).toBeGreaterThan(0)
    await expect(host.run('true')).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })
})

async function* afterCut(cut: () => void): AsyncGenerator<Uint8Array> {
  yield Buffer.from('')
  cut()
  yield Buffer.from('go\n')
}
