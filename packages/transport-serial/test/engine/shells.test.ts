// The engine on real shells, each as the login shell of a terminal, and with each as `sh` on the far side.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peer } from '@train-ts/testkit'
import { describeWithPeer, testWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, expect } from 'vitest'
import { openPty } from '../support/pty.js'
import { allBytes, openOn, run } from '../support/session.js'

const busybox = peer('busybox')
const loginShells = ['bash', 'dash', 'mksh', 'ksh93', 'zsh', 'yash', 'fish', 'tcsh', 'busybox ash'] as const

describeWithPeer([peer('script')], 'a login shell is taken over', () => {
  for (const shell of loginShells) {
    testWithPeer(peer(shell.split(' ')[0] ?? shell), `${shell}: exact code, stderr apart, any byte both ways, and the prompt back`, async () => {
      const stream = openPty(shell)
      const { session } = await openOn(stream)
      expect(await run(session, "printf 'a\\nb'; echo e >&2; exit 7")).toMatchObject({ text: 'a\nb', stderr: Buffer.from('e\n'), code: 7 })
      expect((await run(session, 'cat', { stdin: allBytes })).stdout).toEqual(allBytes)
      expect(await run(session, 'kill -9 $$')).toMatchObject({ code: 137 })
      let shown = ''
      stream.on('data', (data: Buffer) => { shown += data.toString('latin1') })
      await session.close()
      expect(shown).toMatch(/[$#%>]/)
    })
  }
})

describeWithPeer([peer('script')], 'any POSIX shell runs the agent', () => {
  let directory = ''
  beforeAll(() => { directory = mkdtempSync(join(tmpdir(), 'train-ts-sh-')) })
  afterAll(() => { rmSync(directory, { recursive: true, force: true }) })

  for (const shell of ['dash', 'bash', 'mksh', 'ksh93', 'yash', 'busybox'] as const) {
    const found = shell === 'busybox' ? busybox : peer(shell)
    testWithPeer(found, `sh is ${shell}`, async () => {
      const place = mkdtempSync(join(directory, 'bin-'))
      if (found.path === undefined) throw new Error('peer() has said that it is there')
      symlinkSync(found.path, join(place, 'sh'))
      // Without perl, the shell's own encoder works.
      writeFileSync(join(place, 'perl'), '#!/bin/false\n')
      chmodSync(join(place, 'perl'), 0o755)
      const environment = { ...process.env, PATH: `${place}:${process.env['PATH'] ?? ''}` }
      const { session } = await openOn(openPty(`${place}/sh -i`, { environment }))
      for (const code of [0, 1, 2, 126, 127, 128, 129, 130, 143, 254, 255]) expect(await run(session, `exit ${String(code)}`)).toMatchObject({ code })
      expect(await run(session, "printf '%s' \"q'u\\\"o!te é\"; echo e >&2; kill -9 $$")).toMatchObject({ text: 'q\'u"o!te é', stderr: Buffer.from('e\n'), code: 137 })
      const block = Buffer.concat(Array.from({ length: 80 }, () => allBytes))
      expect((await run(session, 'cat', { stdin: block })).stdout.equals(block)).toBe(true)
      expect(await run(session, 'umask; stty </dev/tty || echo no terminal')).toMatchObject({ text: expect.stringMatching(/^0?022\nno terminal\n$/) })
      expect(await run(session, 'sleep 60 & echo child')).toMatchObject({ text: 'child\n', code: 0 })
      const stop = new AbortController()
      const stopped = run(session, "trap '' TERM INT HUP; echo $$; while :; do sleep 1; done", { signal: stop.signal })
      stop.abort(new Error('enough'))
      await expect(stopped).rejects.toMatchObject({ details: { killed: true } })
      expect(await run(session, 'echo in sync')).toMatchObject({ text: 'in sync\n', code: 0 })
      await session.close()
    })
  }
})
