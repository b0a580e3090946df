// A console in whatever state somebody left it, and a line that damages what it carries.
import { peer } from '@train-ts/testkit'
import { describeWithPeer, testWithPeer } from '@train-ts/testkit/vitest'
import { describe, expect, test } from 'vitest'
import { noisy } from '../support/noisy.js'
import { openPty } from '../support/pty.js'
import { allBytes, openOn, run } from '../support/session.js'

/** Types something into a fresh bash, and waits until the screen shows it. */
async function bashRunning(typed: string, shows: RegExp): Promise<ReturnType<typeof openPty>> {
  const stream = openPty('bash --norc')
  let screen = ''
  await new Promise<void>((resolve) => {
    const look = (data: Buffer): void => {
      screen += data.toString('latin1')
      if (/[$#] $/.test(screen)) stream.write(typed)
      if (!shows.test(screen)) return
      stream.off('data', look)
      stream.pause()
      resolve()
    }
    stream.on('data', look)
  })
  return stream
}

describeWithPeer([peer('script'), peer('bash')], 'the ladder frees a console from', () => {
  const states = [
    ['cat', 'cat\r', /cat\r\n/], ['a half-typed line', 'rm -rf "/nonexistent', /nonexistent/], ['an open quote', "echo 'x\r", /> $/], ['a here document', 'cat <<E\r', /> $/],
    ['a pager', 'seq 500 | less\r', /23\r?\n/], ['top-like sleep', 'sleep 999\r', /999\r\n/], ['a flood', 'yes flood\r', /flood\r\nflood/], ['python', 'python3 -q\r', />>> $/],
  ] as const
  for (const [name, typed, shows] of states) {
    const program = name === 'a pager' ? peer('less') : name === 'python' ? peer('python3') : peer('bash')
    testWithPeer(program, name, async () => {
      const { session } = await openOn(await bashRunning(typed, shows))
      expect(await run(session, 'echo free')).toMatchObject({ text: 'free\n', code: 0 })
      await session.close()
    })
  }

  testWithPeer(peer('busybox'), 'an editor', async () => {
    const { session } = await openOn(await bashRunning('busybox vi nofile\r', /100%/))
    expect(await run(session, 'echo free')).toMatchObject({ text: 'free\n', code: 0 })
    await session.close()
  })

  test('an agent that an earlier connection left, its command still running', async () => {
    const stream = openPty('dash')
    const first = await openOn(stream)
    const never = run(first.session, 'sleep 1000').catch(() => undefined)
    const { session } = await openOn(stream, { greeting: 50 })
    expect(await run(session, 'pgrep -x sleep -f "^sleep 1000$" || echo gone')).toMatchObject({ text: 'gone\n' })
    await session.close()
    await never
  })
})

describeWithPeer([peer('script')], 'a line that is bad', () => {
  const data = Buffer.concat([allBytes, allBytes])
  test.each([
    ['flips 0.1 %', { noise: 0.001 }, 11], ['drops 0.1 %', { dropped: 0.001 }, 12], ['flips 1 %', { noise: 0.01 }, 13], ['drops 1 %', { dropped: 0.01 }, 14],
  ] as const)('%s of its bytes, both ways: nothing is lost, nothing is wrong', async (_title, knobs, seed) => {
    let bad = false
    const { session } = await openOn(noisy(openPty('dash'), () => bad ? knobs : {}, seed))
    bad = true
    const { stdout, stderr, code } = await run(session, 'cat; echo e >&2; exit 9', { stdin: data })
    expect({ same: stdout.equals(data), stderr: stderr.toString(), code }).toEqual({ same: true, stderr: 'e\n', code: 9 })
    bad = false
    await session.close()
  }, 60_000)

  test('says what a kernel said in the middle of output, and takes none of it for output', async () => {
    const stream = openPty('dash')
    const { session, notices } = await openOn(stream)
    const running = run(session, 'seq 1 2000; exit 4')
    stream.push(Buffer.from('\r\n[ 1234.567890] usb 1-1: new high-speed USB device\r\n'))
    const { text, code } = await running
    expect(code).toBe(4)
    expect(text).toBe(Array.from({ length: 2000 }, (_, index) => `${String(index + 1)}\n`).join(''))
    expect(notices.map(({ message }) => message).join()).toContain('usb 1-1')
    await session.close()
  })
})

describe('a far side without what the agent needs', () => {
  testWithPeer([peer('script')], 'gets the small agent, which says what it cannot do', async () => {
    const { session, notices } = await openOn(openPty('dash'), { agent: 'lite' })
    expect(session.capabilities).toMatchObject({ stderr: false, exitCode: true, stdin: 'none', kill: 'none' })
    expect(notices.map(({ code }) => code)).toEqual(['small-agent'])
    expect(await run(session, "printf 'a\\nb'; echo e >&2; exit 7")).toMatchObject({ text: 'a\nbe\n', code: 7 })
    expect((await run(session, "printf '\\000\\001\\377\\r\\n'")).stdout).toEqual(Buffer.from([0, 1, 255, 13, 10]))
    expect(await run(session, 'stty sane </dev/tty')).toMatchObject({ code: 0 })
    const stop = new AbortController()
    const stopped = run(session, 'sleep 100', { signal: stop.signal })
    stop.abort()
    await expect(stopped).rejects.toMatchObject({ details: { killed: true } })
    expect(await run(session, 'echo in sync')).toMatchObject({ text: 'in sync\n', code: 0 })
    await session.close()
  })
})
