// The kit over the real sshd, as root and as an ordinary user.
import { afterAll, beforeAll } from 'vitest'
import { describeConformance, describeWithPeer } from '@train-ts/testkit/vitest'
import driver from '../src/index.js'
import { addUser, sshdPeers, startSshd } from './sshd.js'
import type { Sshd, TestUser } from './sshd.js'
import { listen } from './tcp.js'
import type { Listener } from './tcp.js'

describeWithPeer(sshdPeers, 'OpenSSH', () => {
  let sshd: Sshd
  let user: TestUser
  let echo: Listener

  beforeAll(async () => {
    sshd = await startSshd()
    user = addUser()
    echo = await listen((socket) => socket.pipe(socket))
  })
  afterAll(async () => {
    await echo?.close()
    user?.remove()
    await sshd?.close()
  })

  const target = (name: string) => ({
    url: `ssh://${name}@127.0.0.1:${sshd.port}`,
    options: { keyFiles: [sshd.keyFile], knownHosts: [sshd.knownHosts], agent: false },
    echo: { host: '127.0.0.1', port: echo.port },
    refused: [
      { name: 'a wrong password', options: { keyFiles: undefined, password: 'wrong' } },
      { name: 'an unknown host key', options: { knownHosts: ['/dev/null'] } },
    ],
  })

  describeConformance({ name: 'ssh, as root', driver, target: () => target('root') })
  describeConformance({ name: 'ssh, as an ordinary user', driver, target: () => target(user.name) })
})
