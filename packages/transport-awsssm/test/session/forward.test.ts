import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connectWith } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeSmux, SmuxDecoder } from '../../src/codec/smux.js'
import { isNewer } from '../../src/session/version.js'
import driver from '@train-ts/transport-awsssm'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import type { Emulator } from '@train-ts/transport-awsssm/emulator'
import { nodeId, until } from '../harness.js'

async function listen(accept: (socket: Socket) => void): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ allowHalfOpen: true }, accept)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return { server, port: (server.address() as AddressInfo).port } // listening on TCP
}

async function all(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk) // no encoding is set
  return Buffer.concat(chunks)
}

describe('forward', () => {
  let emulator: Emulator
  let host: Connection
  beforeAll(async () => {
    emulator = await startEmulator()
    host = await connectWith(driver, { host: nodeId, ...emulator.options })
  })
  afterAll(async () => {
    await host.close()
    expect(emulator.sessions.open()).toEqual([])
    await emulator.close()
  })
  const started = (): number => emulator.calls.filter((call) => call.operation === 'StartSession').length

  test('a connection, byte for byte, both ways; its end comes through', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 251))
    const { server, port } = await listen((socket) => {
      const got: Buffer[] = []
      let size = 0
      socket.on('data', (chunk: Buffer) => {
        got.push(chunk)
        size += chunk.byteLength
        if (size === bytes.byteLength) socket.end(Buffer.concat(got))
      })
    })
    const stream = await host.forward({ host: 'localhost', port })
    stream.write(bytes)
    expect((await all(stream)).equals(bytes)).toBe(true)
    server.close()
  })
  test('many connections share one session, each with its own bytes', async () => {
    const { server, port } = await listen((socket) => socket.pipe(socket))
    const before = started()
    const streams = await Promise.all(Array.from({ length: 4 }, () => host.forward({ host: '', port })))
    const answers = streams.map((stream, index) => new Promise<string>((resolve) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.endsWith('.')) resolve(text)
      })
      stream.write(`${String(index).repeat(5_000)}.`)
    }))
    expect(await Promise.all(answers)).toEqual(streams.map((_, index) => `${String(index).repeat(5_000)}.`))
    for (const stream of streams) stream.destroy()
    expect(started() - before).toBe(1)
    server.close()
  })
  test('where nobody listens it rejects', async () => {
    const { server, port } = await listen(() => undefined)
    await new Promise((resolve) => server.close(resolve))
    await expect(host.forward({ host: nodeId, port })).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
  })
  test('another host, by the document for it', async () => {
    const { server, port } = await listen((socket) => socket.end('remote'))
    const stream = await host.forward({ host: '127.0.0.2', port }).catch(() => undefined)
    stream?.destroy()
    expect(emulator.calls.findLast((call) => call.operation === 'StartSession')?.input).toMatchObject({ DocumentName: 'AWS-StartPortForwardingSessionToRemoteHost', Parameters: { host: ['127.0.0.2'], portNumber: [String(port)] } })
    server.close()
  })
  test('a path is UNSUPPORTED', async () => {
    await expect(host.forward({ path: '/run/x.sock' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
  test('cut and resumed in mid-stream: nothing is lost or repeated', async () => {
    const { server, port } = await listen((socket) => socket.pipe(socket))
    const stream = await host.forward({ host: 'localhost', port })
    let got = ''
    stream.on('data', (chunk: Buffer) => { got += chunk.toString() })
    let sent = ''
    for (let round = 0; round < 40; round++) {
      sent += `${String(round)} ${'x'.repeat(3_000)}\n`
      stream.write(`${String(round)} ${'x'.repeat(3_000)}\n`)
      if (round % 15 === 7) emulator.sessions.cut()
    }
    await until(() => got.length >= sent.length, 'all is back')
    expect(got).toBe(sent)
    stream.destroy()
    server.close()
  })
  test('a reader that does not read holds the far side', async () => {
    let written = 0
    const { server, port } = await listen((socket) => {
      const fill = (): void => {
        let more = true
        while (more && written < 60_000_000) {
          more = socket.write(Buffer.alloc(64_000))
          written += 64_000
        }
      }
      socket.on('drain', fill)
      socket.on('error', () => undefined)
      fill()
    })
    const stream = await host.forward({ host: 'localhost', port })
    let before = -1
    await until(() => {
      const still = before === written
      before = written
      return still && written > 0
    }, 'it stands still')
    expect(written).toBeLessThan(60_000_000)
    stream.destroy()
    server.close()
  })
})

describe('smux', () => {
  test('frames come back, however the bytes were cut', () => {
    const data = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
    const frames = fc.array(fc.record({ command: fc.nat({ max: 3 }), stream: fc.nat({ max: 2 ** 32 - 1 }), data }), { maxLength: 10 })
    fc.assert(fc.property(frames, fc.integer({ min: 1, max: 50 }), (list, cut) => {
      const bytes = Buffer.concat(list.map(encodeSmux))
      const decoder = new SmuxDecoder()
      const back = []
      for (let start = 0; start < bytes.byteLength; start += cut) back.push(...decoder.push(bytes.subarray(start, start + cut)))
      expect(back).toEqual(list)
    }))
  })
  test('as the format has it', () => {
    expect(encodeSmux({ command: 2, stream: 3, data: Buffer.from('hi') })).toEqual(Buffer.from([1, 2, 2, 0, 3, 0, 0, 0, 0x68, 0x69]))
    expect(() => new SmuxDecoder().push(Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]))).toThrow(/version 2/)
  })
})

test.each([
  ['3.3.1142.0', '3.0.196.0', true], ['3.0.196.1', '3.0.196.0', true], ['3.0.196.0', '3.0.196.0', false], ['2.9', '3.0', false], ['x', '3.0', false], ['', '3.0', false],
])('an agent %s is newer than %s: %s', (version, than, newer) => {
  expect(isNewer(version, than)).toBe(newer)
})
