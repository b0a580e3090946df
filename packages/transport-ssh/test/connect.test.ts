import { describe, expect, test } from 'vitest'
import { collect, context, failure, open, request, run, secret } from './driver.js'
import { freePort, sshdPeers, startSshd } from './sshd.js'
import { listen, proxy } from './tcp.js'
import { describeWithPeer } from '@train-ts/testkit/vitest'

describe('servers that misbehave', () => {
  const given = { user: 'nobody', password: secret('x'), hostKeys: () => true } as const

  test('refused', async () => {
    const error = await failure(open({ ...given, port: await freePort() }))
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', retryable: true })
    expect(error.message).toContain('refused')
  })

  test('an unknown name', async () => {
    expect(await failure(open({ ...given, host: 'no-such-host.invalid' }))).toMatchObject({ code: 'CONNECT_FAILED' })
  })

  test('accepts and says nothing: the signal ends it, and no socket is left', async () => {
    const controller = new AbortController()
    const recording = context(controller.signal)
    // It has our greeting, so we wait for its.
    const silent = await listen((socket) => void socket.once('data', () => controller.abort(new Error('too long'))))
    const opening = failure(open({ ...given, port: silent.port }, recording))
    expect((await opening).message).toBe('too long')
    expect(recording.sockets[0]?.destroyed).toBe(true)
    await silent.close()
  })

  test.each([
    ['garbage', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['binary garbage', Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7) % 256))],
    ['a line without end', 'x'.repeat(100_000)],
    ['an endless greeting', 'hello\r\n'.repeat(20_000)],
    ['SSH 1', 'SSH-1.5-old\r\n'],
    ['a banner and then garbage', `SSH-2.0-OpenSSH_9.9\r\n${'\xff'.repeat(1000)}`],
  ])('%s', async (_title, bytes) => {
    const server = await listen((socket) => void socket.end(bytes))
    const recording = context()
    const error = await failure(open({ ...given, port: server.port }, recording))
    expect(error.code).toBe('CONNECT_FAILED')
    expect(recording.sockets[0]?.destroyed).toBe(true)
    await server.close()
  })

  test('closes at once', async () => {
    const server = await listen((socket) => socket.destroy())
    expect(await failure(open({ ...given, port: server.port }))).toMatchObject({ code: 'CONNECT_FAILED', retryable: true })
    await server.close()
  })

  test('closes after its greeting', async () => {
    const server = await listen((socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'))
    expect(await failure(open({ ...given, port: server.port }))).toMatchObject({ code: 'CONNECT_FAILED', retryable: true })
    await server.close()
  })
})

describeWithPeer(sshdPeers, 'a line that is cut', () => {
  test('at every stage of connecting: an error of ours, no socket, no crash', async () => {
    const sshd = await startSshd()
    for (const packets of [1, 2, 3, 4, 5, 6, 7, 8]) {
      let seen = 0
      const line = await proxy(sshd.port, (_chunk, fromServer) => {
        if (fromServer && ++seen === packets) setImmediate(() => line.cut())
      })
      const recording = context()
      const result = await open({ port: line.port, user: 'root', keyFiles: [sshd.keyFile], hostKeys: () => true }, recording).then(
        (session) => ({ session, error: undefined }),
        (error: Error & { code?: string }) => ({ session: undefined, error }),
      )
      if (result.error !== undefined) expect(result.error.code).toBe('CONNECT_FAILED')
      await result.session?.close()
      expect(recording.sockets.every((socket) => socket.destroyed)).toBe(true)
      await line.close()
    }
    await sshd.close()
  })

  test('in mid-command', async () => {
    const sshd = await startSshd()
    const line = await proxy(sshd.port)
    const recording = context()
    const session = await open({ port: line.port, user: 'root', keyFiles: [sshd.keyFile], hostKeys: () => true }, recording)
    const seen: string[] = []
    const running = failure(
      (async () => {
        for await (const event of session.exec(request('echo begun; exec sleep 5'))) {
          if (event.type === 'stdout') seen.push(Buffer.from(event.data).toString())
          line.cut()
        }
      })(),
    )
    expect(await running).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(seen).toEqual(['begun\n'])
    expect(recording.losses).toHaveLength(1)
    expect(await failure(run(session, 'true'))).toMatchObject({ code: 'CONNECTION_LOST' })
    await session.close()
    await line.close()
    await sshd.close()
  })

  test('a silent line is noticed by keepalive', async () => {
    const sshd = await startSshd()
    let deaf = false
    const line = await listen((socket) => {
      const upstream = socketTo(sshd.port)
      upstream.on('data', (chunk) => {
        if (!deaf) socket.write(chunk)
      })
      socket.on('data', (chunk) => {
        if (!deaf) upstream.write(chunk)
      })
      socket.on('close', () => upstream.destroy())
    })
    const recording = context()
    const session = await open({ port: line.port, user: 'root', keyFiles: [sshd.keyFile], hostKeys: () => true, keepaliveInterval: 100, keepaliveCountMax: 2 }, recording)
    const running = failure(collect(session.exec(request('echo begun; exec sleep 5'))))
    deaf = true
    expect(await running).toMatchObject({ code: 'CONNECTION_LOST' })
    await session.close()
    await line.close()
    await sshd.close()
  })
})

import { connect } from 'node:net'
function socketTo(port: number): ReturnType<typeof connect> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => undefined)
  return socket
}
