// telnet:// on the servers of Debian: the whole contract on busybox's, the main job on inetutils'.
import { connect, createRegistry } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeConformance, describeWithPeer, testWithPeer } from '@train-ts/testkit/vitest'
import { execFile } from 'node:child_process'
import { afterAll, expect } from 'vitest'
import driver from '../src/index.js'
import { createUser, startServer } from './servers.js'
import type { Server } from './servers.js'

const registry = createRegistry()
registry.register(driver)

describeWithPeer([peer('root'), peer('busybox')], "busybox's telnetd", () => {
  let user: ReturnType<typeof createUser> | undefined
  let server: Server | undefined
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    user?.[Symbol.dispose]()
  })

  describeConformance({
    name: 'telnet',
    driver,
    target: async () => {
      const account = (user ??= createUser())
      server = await startServer('busybox', ['telnetd', '-F', '-p', 'PORT', '-b', '127.0.0.1', '-l', '/bin/login'])
      return {
        url: `telnet://127.0.0.1:${String(server.port)}`,
        options: { user: account.name, password: account.password },
        refused: [{ name: 'a wrong password', options: { password: 'wrong' } }],
        farSide: { run: (command) => runAs(account.name, command) },
      }
    },
  }, { patience: 90_000 })
})

/** Bounded: telnetd ends a command whose connection was cut, so nobody may be left to stand at the gate that the kit then opens. */
function runAs(user: string, command: string): Promise<{ exitCode: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile('timeout', ['20', 'su', '-s', '/bin/sh', user, '-c', command], { maxBuffer: 1e8 }, (_error, stdout) => { resolve({ exitCode: child.exitCode, stdout }) })
  })
}

testWithPeer([peer('root'), peer('telnetd'), peer('socat')], "inetutils' telnetd: exact bytes and code, over a server that offers everything", async () => {
  using user = createUser()
  await using server = await startServer('socat', ['TCP4-LISTEN:PORT,bind=127.0.0.1,reuseaddr,fork', 'EXEC:"/usr/sbin/telnetd -h",nofork'])
  await using host = await connect(`telnet://127.0.0.1:${String(server.port)}`, { registry, user: user.name, password: user.password })
  expect(await host.run('id -un; echo e >&2; exit 6')).toMatchObject({ stdout: `${user.name}\n`, stderr: 'e\n', exitCode: 6 })
  const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  expect((await host.run('cat', { stdin: every, encoding: 'bytes' })).stdout).toEqual(every)
}, 60_000)
