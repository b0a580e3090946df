// Servers that break the protocol on purpose: ssh2's open reports #1504 and #1505, and what ssh2 takes for a yes.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { generateKeyPairSync } from 'node:crypto'
import ssh2 from 'ssh2'
import type { Connection, ServerChannel } from 'ssh2'
import { expect, test } from 'vitest'
import { collect, context, failure, open, request, run, secret } from './driver.js'
import { internalsOf } from '../src/ssh2-internals.js'

interface Evil {
  readonly port: number
  close(): void
}

interface ServerProtocol {
  channelOpenConfirm(remote: number, local: number, window: number, packetSize: number): void
  channelData(id: number, data: Buffer): void
}

/** A server that lets everybody in; `ready` spoils it, `exec` answers commands. */
type Exec = (channel: ServerChannel, protocol: ServerProtocol) => void

async function evil(ready: (client: Connection, protocol: ServerProtocol) => void, exec: Exec): Promise<Evil> {
  const hostKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString()
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    const { _protocol: protocol } = client as unknown as { _protocol: ServerProtocol } // a hostile server is made of private parts
    client.on('error', () => undefined)
    client.on('authentication', (login) => login.accept())
    client.on('ready', () => {
      ready(client, protocol)
      client.on('session', (accept) => accept().on('exec', (acceptExec) => exec(acceptExec(), protocol)))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() } // a TCP server's address is one
}

const given = { user: 'x', password: secret('x'), hostKeys: () => true } as const

test('a packet size of 0 does not hang us', async () => {
  const server = await evil((_client, protocol) => {
    const confirm = protocol.channelOpenConfirm.bind(protocol)
    protocol.channelOpenConfirm = (remote, local, window) => confirm(remote, local, window, 0)
  }, () => undefined)
  const recording = context()
  const session = await open({ ...given, port: server.port }, recording)
  const error = await failure(run(session, 'cat', { stdin: (async function* () { yield Buffer.from('x') })() }))
  expect(error.message).toContain('packet size of 0')
  expect(recording.losses).toHaveLength(1)
  expect(recording.sockets[0]?.destroyed).toBe(true)
  await session.close()
  server.close()
})

test('data beyond the window does not fill our memory', async () => {
  const server = await evil(() => undefined, (channel, protocol) => {
    const { outgoing } = channel as unknown as { outgoing: { id: number } }
    for (let packet = 0; packet < 2000; packet++) protocol.channelData(outgoing.id, Buffer.alloc(32 * 1024))
  })
  const recording = context()
  const session = await open({ ...given, port: server.port }, recording)
  const output = session.exec(request('flood'))[Symbol.asyncIterator]()
  await output.next() // and then nobody pulls
  await once(recording.sockets[0] ?? expect.fail(), 'close')
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(150_000_000)
  expect(await failure((async () => { while (!(await output.next()).done); })())).toMatchObject({ code: 'PROTOCOL_ERROR' })
  await session.close()
  server.close()
})

test('an exit in the same packet as the answer to exec is not missed', async () => {
  const server = await evil(() => undefined, (channel) => {
    channel.write('said')
    channel.exit(7)
    // And the channel stays open, as with a background child.
  })
  const session = await open({ ...given, port: server.port })
  for (let round = 0; round < 20; round++) expect(await run(session, 'x')).toEqual({ stdout: 'said', stderr: '', exit: { type: 'exit', code: 7, signal: null } })
  await session.close()
  server.close()
})

test('a channel that closes without an exit code is an unknown outcome', async () => {
  const server = await evil(() => undefined, (channel) => channel.end('said'))
  const session = await open({ ...given, port: server.port })
  expect(await failure(collect(session.exec(request('x'))))).toMatchObject({ code: 'PROTOCOL_ERROR' })
  await session.close()
  server.close()
})

test('the private names of ssh2 are where we look for them', async () => {
  const server = await evil(() => undefined, (channel) => { channel.exit(0); channel.end() })
  const session = await open({ ...given, port: server.port })
  const { _protocol: protocol, _chanMgr: channels } = internalsOf(session.native ?? expect.fail())
  for (const name of ['CHANNEL_OPEN', 'CHANNEL_OPEN_CONFIRMATION', 'CHANNEL_DATA', 'CHANNEL_EXTENDED_DATA', 'USERAUTH_FAILURE']) expect(typeof protocol?._handlers[name]).toBe('function')
  for (const name of ['session', 'exec', 'env', 'shell', 'subsystem', 'pty', 'channelWindowAdjust', 'openssh_agentForward'] as const) expect(typeof protocol?.[name]).toBe('function')
  for (const name of ['add', 'get', 'remove'] as const) expect(typeof channels?.[name]).toBe('function')
  expect(Array.isArray(protocol?._authsQueue)).toBe(true)
  // Terrapin: strict key exchange was agreed on, so that no message can be slipped in before the keys.
  expect((protocol as unknown as { _strictMode: boolean })._strictMode).toBe(true)
  await session.close()
  server.close()
})
