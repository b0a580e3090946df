// Streams through the connection, both ways, TCP and sockets; an agent on the far side; a shell.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session } from '@train-ts/core'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { failure, open, run } from './driver.js'
import type { Given } from './driver.js'
import { addUser, freePort, sshdPeers, startAgent, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'
import { listen } from './tcp.js'
import type { Listener } from './tcp.js'

describeWithPeer(sshdPeers, 'forwards over the real sshd', () => {
  let sshd: Sshd
  let user: TestUser
  let session: Session
  let echo: Listener
  const within = () => ({ signal: new AbortController().signal })
  const base = (): Given => ({ port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] })
  const login = (given: Given = {}): Promise<Session> => open({ ...base(), ...given })

  beforeAll(async () => {
    sshd = await startSshd({ config: ['AcceptEnv TRAIN_*', 'AllowAgentForwarding yes'] })
    user = addUser()
    session = await login()
    echo = await listen((socket) => socket.pipe(socket))
  })
  afterAll(async () => {
    await session?.close()
    await echo?.close()
    user?.remove()
    await sshd?.close()
  })

  async function talk(stream: Duplex, data: Buffer): Promise<boolean> {
    const parts: Buffer[] = []
    stream.on('data', (chunk: Buffer) => parts.push(chunk))
    stream.end(data)
    await once(stream, 'end')
    return Buffer.concat(parts).equals(data)
  }

  test.each(['127.0.0.1', 'localhost', ''])("to the far side's %j", async (host) => {
    const stream = await session.forward?.({ host, port: echo.port }, within()) ?? expect.fail()
    expect(await talk(stream, randomBytes(3_000_000))).toBe(true)
  })
  test('to a socket', async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(`${user.home}/s`)
    await once(server, 'listening')
    await run(await login({ user: 'root' }), `chmod 777 ${user.home}/s`)
    const stream = await session.forward?.({ path: `${user.home}/s` }, within()) ?? expect.fail()
    expect(await talk(stream, Buffer.from('hello'))).toBe(true)
    server.close()
  })
  test('nobody there, and not allowed', async () => {
    expect(await failure(session.forward?.({ host: '127.0.0.1', port: 1 }, within()) ?? expect.fail())).toMatchObject({ code: 'CONNECT_FAILED' })
    expect(await failure(session.forward?.({ path: '/nowhere' }, within()) ?? expect.fail())).toMatchObject({ code: 'CONNECT_FAILED' })
    const closed = await startSshd({ config: ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no'] })
    const own = await open({ port: closed.port, user: user.name, keyFiles: [closed.keyFile], knownHosts: [closed.knownHosts] })
    expect(await failure(own.forward?.({ host: '127.0.0.1', port: echo.port }, within()) ?? expect.fail())).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await failure(own.listen?.({ host: '127.0.0.1', port: 0 }, within()) ?? expect.fail())).toMatchObject({ code: 'UNSUPPORTED' })
    expect((await run(own, 'echo in')).stdout).toBe('in\n')
    await own.close()
    await closed.close()
  })
  test('destroying a stream closes it on the far side', async () => {
    const far = new Promise<Socket>((settle) => void listen(settle).then((listener) => (target = listener)))
    let target: Listener | undefined
    while (target === undefined) await new Promise(setImmediate)
    const stream = await session.forward?.({ host: '127.0.0.1', port: target.port }, within()) ?? expect.fail()
    const socket = await far
    stream.destroy()
    await Promise.all([once(socket.resume(), 'close'), once(stream, 'close')])
    await target.close()
  })
  test('the connection is lost: the stream ends with an error, not as if all had come', async () => {
    const own = await login()
    const stream = await own.forward?.({ host: '127.0.0.1', port: echo.port }, within()) ?? expect.fail()
    const failed = once(stream, 'error')
    await own.close()
    expect((await failed)[0]).toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  test('listening on the far side: TCP', async () => {
    const controller = new AbortController()
    const listener = await session.listen?.({ host: '127.0.0.1', port: 0 }, { signal: controller.signal }) ?? expect.fail()
    const { port } = listener as unknown as { port: number }
    const serving = (async () => {
      for await (const stream of listener) stream.pipe(stream)
    })()
    for (let round = 0; round < 3; round++) expect(await talk(connect({ host: '127.0.0.1', port }), randomBytes(100_000))).toBe(true)
    controller.abort()
    await serving
    await run(session, 'true')
    expect(await once(connect({ host: '127.0.0.1', port }), 'error').then(([error]: unknown[]) => error)).toMatchObject({ code: 'ECONNREFUSED' })
  })
  test('listening on the far side: a named port, left by break', async () => {
    const port = await freePort()
    const listener = await session.listen?.({ host: '127.0.0.1', port }, within()) ?? expect.fail()
    const outside = connect({ host: '127.0.0.1', port })
    for await (const stream of listener) {
      stream.end('bye')
      break
    }
    expect(String((await once(outside, 'data'))[0])).toBe('bye')
    expect(await failure(session.listen?.({ host: '127.0.0.1', port: echo.port }, within()) ?? expect.fail())).toMatchObject({ code: 'UNSUPPORTED' })
  })
  test('listening on the far side: a socket', async () => {
    const path = `${user.home}/listen`
    const listener = await session.listen?.({ path }, within()) ?? expect.fail()
    const outside = connect(path)
    for await (const stream of listener) {
      stream.end('bye')
      break
    }
    expect(String((await once(outside, 'data'))[0])).toBe('bye')
  })

  test('variables that the server takes', async () => {
    process.env['TRAIN_SENT'] = 'sent value'
    const own = await login({ setEnv: { TRAIN_SET: 'set $HOME "x"', OTHER: 'refused' }, sendEnv: ['TRAIN_SE*'] })
    expect((await run(own, 'echo "$TRAIN_SET|$TRAIN_SENT|$OTHER"')).stdout).toBe('set $HOME "x"|sent value|\n')
    await own.close()
  })
  test('an agent goes along only where it was asked to', async () => {
    const { socket, process: agent } = await startAgent(`${sshd.directory}/agent`, [sshd.keyFile])
    const without = await login({ agent: socket })
    expect((await run(without, 'echo "[$SSH_AUTH_SOCK]"')).stdout).toBe('[]\n')
    const along = await login({ agent: socket, forwardAgent: true })
    expect((await run(along, 'ssh-add -l')).stdout).toContain('ED25519')
    await without.close()
    await along.close()
    agent.kill()
  })
  test('a shell, and its size', async () => {
    const shell = await session.shell?.({ columns: 80, rows: 24, term: 'xterm' }, within()) ?? expect.fail()
    let said = ''
    shell.on('data', (chunk: Buffer) => (said += chunk.toString()))
    shell.resize?.(101, 31)
    shell.end('stty size; exit\n')
    await once(shell, 'close')
    expect(said).toContain('31 101')
  })
  test('a terminal for every command, as Train has it', async () => {
    const own = await login({ pty: true })
    expect(own.capabilities?.stderr).toBe(false)
    expect((await run(own, 'tty -s && echo tty; echo err >&2')).stdout).toBe('tty\r\nerr\r\n')
    await own.close()
  })
  test('compressed', async () => {
    const own = await login({ compression: true })
    expect((await run(own, 'head -c 1000000 /dev/zero | tr "\\\\0" a')).stdout).toBe('a'.repeat(1_000_000))
    await own.close()
  })
  test('argv for a person', () => {
    expect(session.loginCommand?.()).toEqual(['ssh', '-p', String(sshd.port), '-l', user.name, '-i', sshd.keyFile, '-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-F', 'none', '--', '127.0.0.1'])
  })
})
