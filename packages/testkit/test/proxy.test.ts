import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Server, Socket } from 'node:net'
import { connect as dialTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectWith } from '@train-ts/core'
import type { Session, TransportDriver } from '@train-ts/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../src/peers.js'
import { describeWithPeer } from '../src/vitest-peers.js'

/** A driver that sends one line to its host and gives the answer as stdout: enough to see which way the bytes went. */
const line: TransportDriver<{ readonly host: string; readonly port: number }> = {
  name: 'line', specVersion: 1, schemes: ['line'], dials: true,
  options: { host: { type: 'string', from: 'host', required: true, describe: 'Host.' }, port: { type: 'integer', from: 'port', required: true, describe: 'Port.' } },
  async open({ host, port }, context): Promise<Session> {
    const stream = await context.dial(host, port, context)
    return {
      capabilities: { kill: 'tree', shell: 'posix' },
      async *exec({ command }) {
        stream.write(`${command}\n`)
        yield { type: 'stdout', data: (await once(stream, 'data') as [Buffer])[0] } // net's event has one Buffer
        yield { type: 'exit', code: 0, signal: null }
      },
      async close() { stream.destroy(); await Promise.resolve() },
    }
  },
}

/** Answers each line with the line and the peer's address. */
let echo: Server
let port: number
const children: ChildProcess[] = []
const sockets = new Set<Socket>()

beforeAll(async () => {
  echo = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (data) => socket.write(`echo ${data.toString()}`)).on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  port = (echo.address() as AddressInfo).port // a listening TCP server
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const socket of sockets) socket.destroy()
  echo.close()
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo // a listening TCP server
  server.close()
  await once(server, 'close')
  return free
}

async function start(program: string, args: readonly string[], on: number): Promise<void> {
  children.push(spawn(program, [...args], { stdio: 'ignore' }))
  for (;;) {
    const socket = dialTcp(on, '127.0.0.1')
    const isUp = await new Promise<boolean>((resolve) => { socket.once('connect', () => { resolve(true) }).once('error', () => { resolve(false) }) })
    socket.destroy()
    if (isUp) return
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
}

async function through(proxy: string, to = port): Promise<string> {
  await using host = await connectWith(line, { host: '127.0.0.1', port: to, proxy })
  return (await host.run('hello')).stdout
}

describeWithPeer(peer('microsocks'), 'a SOCKS 5 proxy', () => {
  let open: number
  let closed: number
  beforeAll(async () => {
    open = await freePort()
    await start('microsocks', ['-i', '127.0.0.1', '-p', String(open)], open)
    closed = await freePort()
    await start('microsocks', ['-i', '127.0.0.1', '-p', String(closed), '-u', 'user', '-P', 'p@ss:w/rd'], closed)
  })
  test('carries the connection', async () => {
    expect(await through(`socks5h://127.0.0.1:${String(open)}`)).toBe('echo hello\n')
    expect(await through(`socks5h://user:p%40ss%3Aw%2Frd@127.0.0.1:${String(closed)}`)).toBe('echo hello\n')
  })
  test('a refused login or target is said, without the password', async () => {
    for (const [proxy, to] of [[`socks5h://user:wr0ngpass@127.0.0.1:${String(closed)}`, port], [`socks5h://127.0.0.1:${String(open)}`, 1]] as const) {
      const error: unknown = await through(proxy, to).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'CONNECT_FAILED', details: { reason: 'proxy' } })
      expect(JSON.stringify(error) + String(error)).not.toContain('wr0ngpass')
    }
  })
})

describeWithPeer(peer('tinyproxy'), 'an HTTP proxy', () => {
  let on: number
  const directory = mkdtempSync(join(tmpdir(), 'train-proxy-'))
  beforeAll(async () => {
    on = await freePort()
    writeFileSync(join(directory, 'conf'), `Port ${String(on)}\nListen 127.0.0.1\nTimeout 30\nMaxClients 20\nAllow 127.0.0.1\nBasicAuth user secretpw\n`)
    await start('tinyproxy', ['-d', '-c', join(directory, 'conf')], on)
  })
  afterAll(() => { rmSync(directory, { recursive: true, force: true }) })
  test('carries the connection', async () => {
    expect(await through(`http://user:secretpw@127.0.0.1:${String(on)}`)).toBe('echo hello\n')
  })
  test('a refused login is AUTH_FAILED, a refused target CONNECT_FAILED', async () => {
    await expect(through(`http://user:nope@127.0.0.1:${String(on)}`)).rejects.toMatchObject({ code: expect.stringMatching(/AUTH_FAILED|CONNECT_FAILED/) as string, details: { reason: 'proxy' } })
    await expect(through(`http://user:secretpw@127.0.0.1:${String(on)}`, 1)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  })
})

describe('a proxy that is none', () => {
  test.each([['ftp://host:1'], ['socks5://'], ['nonsense']])('%s is refused before anything is sent', async (proxy) => {
    await expect(through(proxy)).rejects.toMatchObject({ code: expect.stringMatching(/^INVALID_(OPTIONS|TARGET)$/) as string })
  })
  test('nothing listens, it talks nonsense, it closes, it floods', async () => {
    await expect(through(`socks5://127.0.0.1:${String(await freePort())}`)).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    await expect(through(`http://127.0.0.1:${String(port)}`)).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    const hostile = createServer((socket) => { sockets.add(socket); socket.on('error', () => undefined).on('data', () => { socket.write('HTTP/1.1 200 '.padEnd(200_000, 'x')) }) }).listen(0, '127.0.0.1')
    await once(hostile, 'listening')
    await expect(through(`http://127.0.0.1:${String((hostile.address() as AddressInfo).port)}`)).rejects.toMatchObject({ code: 'CONNECT_FAILED' }) // a listening TCP server
    hostile.close()
  })
  test('a silent one ends with connectTimeout', async () => {
    const silent = createServer((socket) => { sockets.add(socket); socket.on('error', () => undefined) }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port: on } = silent.address() as AddressInfo // a listening TCP server
    await expect(connectWith(line, { host: '127.0.0.1', port, proxy: `socks5://127.0.0.1:${String(on)}`, connectTimeout: 200 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    silent.close()
  })
})
