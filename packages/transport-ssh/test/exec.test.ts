import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Session } from '@train-ts/core'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { createHash, randomBytes } from 'node:crypto'
import { collect, context, failure, feed, open, request, run, secret } from './driver.js'
import { addUser, sshdPeers, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'

describeWithPeer(sshdPeers, 'exec over the real sshd', () => {
  let sshd: Sshd
  let user: TestUser
  let session: Session

  beforeAll(async () => {
    sshd = await startSshd()
    user = addUser()
    session = await open({ port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] })
  })
  afterAll(async () => {
    await session?.close()
    user?.remove()
    await sshd?.close()
  })

  test('exit code, separate stderr', async () => {
    expect(await run(session, 'echo out; echo err >&2; exit 42')).toEqual({ stdout: 'out\n', stderr: 'err\n', exit: { type: 'exit', code: 42, signal: null } })
  })

  test('a signal that killed the command', async () => {
    const { exit } = await run(session, 'kill -TERM $$')
    expect(exit).toEqual({ type: 'exit', code: null, signal: 'TERM' })
  })

  test('stdin, live and binary, both ways', async () => {
    const data = randomBytes(5 * 1024 * 1024)
    const hash = createHash('sha256')
    let bytes = 0
    for await (const event of session.exec(request('cat', { stdin: feed(data.subarray(0, 3), data.subarray(3)) }))) {
      if (event.type !== 'stdout') continue
      hash.update(event.data)
      bytes += event.data.length
    }
    expect(bytes).toBe(data.length)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'))
  })

  test('a chunk of stdin is seen by the command before the next one is pulled', async () => {
    const seen: string[] = []
    let release: (() => void) | undefined
    async function* stdin(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one\n')
      await new Promise<void>((settle) => (release = settle))
      yield Buffer.from('two\n')
    }
    for await (const event of session.exec(request('while read l; do echo "got $l"; done', { stdin: stdin() }))) {
      if (event.type === 'stdout') seen.push(Buffer.from(event.data).toString())
      release?.()
    }
    expect(seen.join('')).toBe('got one\ngot two\n')
  })

  test('a command that does not read its stdin ends as it likes', async () => {
    const { exit } = await run(session, 'exit 3', { stdin: feed(randomBytes(8 * 1024 * 1024)) })
    expect(exit?.code).toBe(3)
  })

  test('a background child does not hold it', async () => {
    const started = Date.now()
    const result = await run(session, 'sleep 30 & echo started')
    expect(result).toEqual({ stdout: 'started\n', stderr: '', exit: { type: 'exit', code: 0, signal: null } })
    expect(Date.now() - started).toBeLessThan(10_000)
    await run(session, 'pkill -u $(id -u) sleep')
  })

  test('what a background child says right after the end still belongs to it', async () => {
    const { stdout } = await run(session, '(sleep 0.1; echo late; sleep 30) & echo early')
    expect(stdout).toBe('early\nlate\n')
    await run(session, 'pkill -u $(id -u) sleep')
  })

  test('20,000 lines of stderr while stdout says nothing', async () => {
    const { stderr, exit } = await run(session, 'i=0; while [ $i -lt 20000 ]; do echo "line $i" >&2; i=$((i+1)); done')
    expect(stderr.split('\n')).toHaveLength(20_001)
    expect(exit?.code).toBe(0)
  })

  test('nobody pulls: the far side waits, and the memory stays as it is', async () => {
    const output = session.exec(request('cat /dev/zero | head -c 200000000; echo done >&2'))[Symbol.asyncIterator]()
    await output.next()
    await run(session, 'sleep 0.5') // time in which it could run ahead
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(50_000_000)
    let bytes = 0
    let stderr = ''
    for (let next = await output.next(); !next.done; next = await output.next()) {
      if (next.value.type === 'stdout') bytes += next.value.data.length
      if (next.value.type === 'stderr') stderr += Buffer.from(next.value.data).toString()
    }
    expect(bytes).toBeGreaterThan(199_000_000)
    expect(stderr).toBe('done\n')
  })

  test('an abort ends the wait', async () => {
    const controller = new AbortController()
    const running = collect(session.exec(request('echo on; sleep 60', { signal: controller.signal })))
    setTimeout(() => controller.abort(new Error('enough')), 50)
    expect((await failure(running)).message).toBe('enough')
    await run(session, 'pkill -u $(id -u) sleep')
  })

  test('an abort while the channel opens leaks no channel', async () => {
    for (let round = 0; round < 30; round++) {
      const controller = new AbortController()
      const running = collect(session.exec(request('true', { signal: controller.signal })))
      controller.abort(new Error('at once'))
      await failure(running)
    }
    expect((await run(session, 'echo alive')).stdout).toBe('alive\n')
  })

  test('break leaves the channel, and the connection lives', async () => {
    for await (const event of session.exec(request('yes'))) if (event.type === 'stdout') break
    expect((await run(session, 'echo alive')).stdout).toBe('alive\n')
  })

  test('a terminal, with its size', async () => {
    const { stdout } = await run(session, 'stty size; tty -s && echo tty', { pty: { columns: 93, rows: 17, term: 'xterm' } })
    expect(stdout).toBe('17 93\r\ntty\r\n')
  })

  test('seven at once, and a refusal is BUSY with nothing sent', async () => {
    const own = await open({ port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] })
    let pulled = false
    async function* stdin(): AsyncGenerator<Uint8Array> {
      pulled = true
      yield Buffer.of()
    }
    const busy = Array.from({ length: 10 }, () => own.exec(request('echo up; exec sleep 60'))[Symbol.asyncIterator]())
    await Promise.all(busy.map((each) => each.next()))
    expect(await failure(run(own, 'echo eleventh', { stdin: stdin() }))).toMatchObject({ code: 'BUSY', retryable: true })
    expect(pulled).toBe(false)
    await own.close()
    await run(session, 'pkill -u $(id -u) sleep')
  })

  test('the connection dies in mid-command', async () => {
    const recording = context()
    const own = await open({ port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] }, recording)
    const running = collect(own.exec(request('echo on; exec sleep 60')))
    await run(own, 'true')
    await run(session, "pkill -u $(id -u) -x sleep; true")
    await running.catch(() => undefined)
    const second = collect(own.exec(request('exec sleep 60')))
    recording.sockets[0]?.destroy()
    expect(await failure(second)).toMatchObject({ code: 'CONNECTION_LOST', retryable: true })
    expect(recording.losses).toHaveLength(1)
    expect(await failure(run(own, 'true'))).toMatchObject({ code: 'CONNECTION_LOST' })
    await own.close()
  })

  test('close: what runs is rejected, no socket is left, twice is once', async () => {
    const recording = context()
    const own = await open({ port: sshd.port, user: user.name, password: secret(user.password), knownHosts: [sshd.knownHosts] }, recording)
    const running = failure(collect(own.exec(request('exec sleep 60'))))
    await run(own, 'true')
    await Promise.all([own.close(), own.close()])
    expect((await running).code).toBe('CONNECTION_CLOSED')
    expect(recording.sockets.every((socket) => socket.destroyed)).toBe(true)
    expect(recording.losses).toHaveLength(0)
    expect((await failure(run(own, 'true'))).code).toBe('CONNECTION_CLOSED')
  })
})
