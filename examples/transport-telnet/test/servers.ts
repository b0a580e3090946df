// Telnet servers that others wrote, and a user who may log in to them.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

export interface Server extends AsyncDisposable {
  readonly port: number
}

export function createUser(): Disposable & { readonly name: string; readonly password: string } {
  const name = `ttel${process.pid.toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`
  const password = `pw-${name}!`
  execFileSync('useradd', ['-m', '-s', '/bin/bash', name])
  execFileSync('chpasswd', { input: `${name}:${password}\n` })
  return { name, password, [Symbol.dispose]: () => { execFileSync('userdel', ['-r', '-f', name], { stdio: 'ignore' }) } }
}

/** `PORT` in the arguments is a free one of the loopback interface. */
export async function startServer(program: string, args: readonly string[]): Promise<Server> {
  const port = await freePort()
  const child = spawn(program, args.map((word) => word.replace('PORT', String(port))), { stdio: 'ignore', detached: true })
  await listening(port)
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.pid === undefined) return
      process.kill(-child.pid, 'SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // it listens on TCP
  probe.close()
  await once(probe, 'close')
  return port
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => { resolve(true) })
      socket.on('error', () => { resolve(false) })
      socket.on('connect', () => socket.destroy())
    })
    if (reached) return
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
}
