// A channel opened ahead on a long line, and none on a short one.
import { expect, test } from 'vitest'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { internalsOf } from '../src/ssh2-internals.js'
import { connect as connectTcp } from 'node:net'
import type { Session } from '@train-ts/core'
import type { Client } from 'ssh2'
import { open, run } from './driver.js'
import { sshdPeers, startSshd } from './sshd.js'
import { listen } from './tcp.js'
import type { Listener } from './tcp.js'

/** Each direction takes half of `roundTrip`; nothing is reordered. */
function longLine(port: number, roundTrip: number): Promise<Listener> {
  return listen((socket) => {
    const upstream = connectTcp({ host: '127.0.0.1', port, noDelay: true })
    socket.setNoDelay(true)
    upstream.on('error', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
    upstream.on('close', () => socket.destroy())
    const later = (to: typeof socket) => (chunk: Buffer) => void setTimeout(() => to.writable && to.write(chunk), roundTrip / 2)
    upstream.on('data', later(socket))
    socket.on('data', later(upstream))
  })
}

const channels = (session: Session<Client>): number => (internalsOf(session.native ?? expect.fail())._chanMgr as unknown as { _count: number })._count

async function settledChannels(session: Session<Client>, wanted: number): Promise<void> {
  while (channels(session) !== wanted) await new Promise(setImmediate)
}

describeWithPeer(sshdPeers, 'a spare channel', () => {
  test('over a long line: taken by the next command, one at a time', async () => {
    const sshd = await startSshd()
    const line = await longLine(sshd.port, 40)
    const session = await open({ port: line.port, user: 'root', keyFiles: [sshd.keyFile], hostKeys: () => true })
    await run(session, 'true')
    await settledChannels(session, 1)
    for (let round = 0; round < 5; round++) {
      expect(await run(session, `echo ${round}; echo err >&2; exit ${round}`)).toEqual({ stdout: `${round}\n`, stderr: 'err\n', exit: { type: 'exit', code: round, signal: null } })
      await settledChannels(session, 1)
    }
    const all = await Promise.all(Array.from({ length: 7 }, (_, index) => run(session, `echo ${index}`)))
    expect(all.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5', '6'])
    await session.close()
    await line.close()
    await sshd.close()
  })
  test('where the server has one session only, none is held back', async () => {
    const sshd = await startSshd({ config: ['MaxSessions 1'] })
    const line = await longLine(sshd.port, 40)
    const session = await open({ port: line.port, user: 'root', keyFiles: [sshd.keyFile], hostKeys: () => true })
    for (let round = 0; round < 4; round++) expect((await run(session, `echo ${round}`)).stdout).toBe(`${round}\n`)
    const [stat] = (await session.files?.stat(['/'], { follow: true }, { signal: new AbortController().signal })) ?? []
    expect(stat).toMatchObject({ type: 'directory' })
    await session.close()
    await line.close()
    await sshd.close()
  })
})
