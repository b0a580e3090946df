// Login shells of Debian, and dropbear instead of OpenSSH: the same program over each.
import { randomBytes } from 'node:crypto'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '@train-ts/core'
import type { Connection } from '@train-ts/core'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import '../src/register.js'
import { failure } from './driver.js'
import { addUser, freePort, keygen, sshdPeers, startSshd } from './sshd.js'
import type { Sshd } from './sshd.js'

const ascii = `a b'c"d\\e!f$HOME\`id\`*~#;&|<>(){}[]%^`

async function works(host: Connection, where: string, strange = `${ascii}ü`): Promise<void> {
  // Not as text, which belongs to the login shell: `>&2` names a file in tcsh.
  expect(await host.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 3 })
  expect((await host.run(['printf', '%s', strange])).stdout).toBe(strange)
  expect((await host.run(['printenv', 'A'], { env: { A: strange }, cwd: '/tmp' })).stdout).toBe(`${strange}\n`)
  expect((await host.run('pwd', { cwd: '/usr' })).stdout.trim()).toBe('/usr')
  const data = randomBytes(300_000)
  expect(Buffer.from((await host.run('cat', { stdin: data, encoding: 'bytes' })).stdout).equals(data)).toBe(true)
  await host.upload(data, `${where}/f`, { mode: 0o600 })
  expect(Buffer.from(await host.file(`${where}/f`).bytes()).equals(data)).toBe(true)
  expect((await host.platform()).families).toContain('linux')
  const witness = `5432${Math.floor(Math.random() * 9)}.${Date.now() % 1000}`
  expect(await failure(host.run(`sleep ${witness} & sleep ${witness}`, { timeout: 500 }))).toMatchObject({ code: 'TIMEOUT', details: { killed: true } })
  expect(execFileSync('ps', ['axo', 'args']).toString()).not.toContain(`sleep ${witness}`)
}

describeWithPeer(sshdPeers, 'login shells', () => {
  let sshd: Sshd
  beforeAll(async () => void (sshd = await startSshd()))
  afterAll(() => sshd?.close())

  const shells = ['sh', 'bash', 'dash', 'busybox', 'mksh', 'ksh93', 'zsh', 'yash', 'fish', 'tcsh']
  for (const name of shells) {
    const shell = peer(name)
    describeWithPeer(shell, name, () => {
      test(`runs over ${name}`, async () => {
        const user = addUser(name === 'busybox' ? busyboxShell(sshd.directory) : shell.path)
        try {
          const options = { keyFiles: [sshd.keyFile], knownHosts: sshd.knownHosts, sshConfig: false, agent: false } as const
          const host = await connect(`ssh://${user.name}@127.0.0.1:${sshd.port}`, options)
          // yash dies of bytes beyond ASCII in the C locale, which sshd gives it.
          await works(host, user.home, name === 'yash' ? ascii : undefined)
          await host.close()
        } finally {
          user.remove()
        }
      })
    })
  }
})

/** A login shell must be one file. */
function busyboxShell(directory: string): string {
  const file = join(directory, 'ash')
  writeFileSync(file, '#!/bin/sh\nexec busybox ash "$@"\n', { mode: 0o755 })
  return file
}

describeWithPeer([peer('dropbear'), peer('ssh-keygen'), peer('root')], 'dropbear', () => {
  test('the same over another server', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'train-dropbear-'))
    const user = addUser()
    const port = await freePort()
    execFileSync('dropbearkey', ['-t', 'ed25519', '-f', join(directory, 'host')], { stdio: 'ignore' })
    const hostKey = /^(ssh-ed25519 \S+)/m.exec(execFileSync('dropbearkey', ['-y', '-f', join(directory, 'host')]).toString())?.[1] ?? ''
    writeFileSync(join(directory, 'known'), `[127.0.0.1]:${port} ${hostKey}\n`)
    keygen(join(directory, 'key'), 'ed25519')
    execFileSync('sh', ['-c', `mkdir -m 700 ~${user.name}/.ssh && cp ${directory}/key.pub ~${user.name}/.ssh/authorized_keys && chown -R ${user.name} ~${user.name}/.ssh`])
    const server = spawn('dropbear', ['-F', '-E', '-r', join(directory, 'host'), '-p', `127.0.0.1:${port}`], { stdio: 'ignore' })
    try {
      for (let up = false; !up; ) {
        const socket = connectTcp({ host: '127.0.0.1', port })
        up = await once(socket, 'connect').then(() => true, () => false)
        socket.destroy()
      }
      const options = { knownHosts: join(directory, 'known'), sshConfig: false, agent: false } as const
      const host = await connect(`ssh://${user.name}@127.0.0.1:${port}`, { ...options, keyFiles: [join(directory, 'key')] })
      await works(host, user.home)
      expect(readFileSync(`${user.home}/f`)).toHaveLength(300_000)
      await host.close()
      const again = await connect(`ssh://${user.name}@127.0.0.1:${port}`, { ...options, password: user.password })
      expect((await again.run('id -un')).stdout.trim()).toBe(user.name)
      await again.close()
    } finally {
      server.kill()
      user.remove()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
