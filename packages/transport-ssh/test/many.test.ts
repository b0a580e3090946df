// Many connections, many callers, attempts that come again.
import { writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { expect, test } from 'vitest'
import { connect } from '@train-ts/core'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import '../src/register.js'
import { context, failure, open, run } from './driver.js'
import { addUser, sshdPeers, startSshd } from './sshd.js'
import { listen } from './tcp.js'

describeWithPeer(sshdPeers, 'many', () => {
  test('forty connections at once, all of them closed', async () => {
    const sshd = await startSshd()
    const user = addUser()
    const contexts = Array.from({ length: 40 }, () => context())
    const given = { port: sshd.port, user: user.name, keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts] }
    const sessions = await Promise.all(contexts.map((each) => open(given, each)))
    const said = await Promise.all(sessions.map((session, index) => run(session, `echo ${index}`)))
    expect(said.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 40 }, (_, index) => index))
    await Promise.all(sessions.map((session) => session.close()))
    expect(contexts.every(({ sockets, losses }) => sockets.length === 1 && sockets[0]?.destroyed === true && losses.length === 0)).toBe(true)
    user.remove()
    await sshd.close()
  }, 60_000)

  test('a hundred callers of one connection, nothing is mixed up', async () => {
    const sshd = await startSshd()
    const user = addUser()
    const host = await connect(`ssh://${user.name}@127.0.0.1:${sshd.port}`, { keyFiles: [sshd.keyFile], knownHosts: sshd.knownHosts, sshConfig: false, agent: false })
    const one = (_: unknown, index: number) => host.run(['sh', '-c', `cat; echo err${index} >&2; exit ${index}`], { stdin: `in${index}` })
    const said = await Promise.all(Array.from({ length: 100 }, one))
    said.forEach((result, index) => expect(result).toMatchObject({ stdout: `in${index}`, stderr: `err${index}\n`, exitCode: index }))
    await host.close()
    user.remove()
    await sshd.close()
  }, 60_000)

  test('connectionRetries: what cannot be reached is tried again, a refused login is not', async () => {
    const sshd = await startSshd()
    let attempts = 0
    const line = await listen((socket) => {
      if (++attempts < 3) return void socket.destroy()
      const upstream = connectTcp({ host: '127.0.0.1', port: sshd.port })
      upstream.on('error', () => socket.destroy())
      socket.pipe(upstream).pipe(socket)
    })
    const given = { port: line.port, user: 'root', keyFiles: [sshd.keyFile], hostKeys: () => true, connectionRetrySleep: 10 }
    const session = await open({ ...given, connectionRetries: 5 })
    expect(attempts).toBe(3)
    await session.close()
    attempts = 0
    expect(await failure(open({ ...given, connectionRetries: 1 }))).toMatchObject({ code: 'CONNECT_FAILED' })
    expect(attempts).toBe(2)
    expect(await failure(open({ ...given, connectionRetries: 5, keyFiles: [], identitiesOnly: true }))).toMatchObject({ code: 'AUTH_FAILED' })
    expect(attempts).toBe(3)
    await line.close()
    await sshd.close()
  })

  test('ConnectTimeout of ssh_config', async () => {
    const sshd = await startSshd()
    const silent = await listen(() => undefined)
    writeFileSync(`${sshd.directory}/config`, 'ConnectTimeout 1\n')
    const recording = context()
    expect(await failure(open({ port: silent.port, user: 'x', sshConfig: `${sshd.directory}/config` }, recording))).toMatchObject({ code: 'TIMEOUT', details: { phase: 'connect', timeout: 1000 } })
    expect(recording.sockets[0]?.destroyed).toBe(true)
    await silent.close()
    await sshd.close()
  })
})
