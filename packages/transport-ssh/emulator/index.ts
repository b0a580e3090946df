// An SSH server for your tests, where no sshd is installed: really runs the commands, as you, on this machine, and misbehaves as it is told.
// On ssh2's Server. Loopback only, an ephemeral port, keys and passwords of its own, nothing left behind.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import ssh2 from 'ssh2'
import { loginRules } from './login.js'
import { serveSession } from './process.js'
import type { EmulatorKnobs } from './knobs.js'

export type { EmulatorKnobs } from './knobs.js'

export interface SshEmulator extends AsyncDisposable {
  /** `connect(emulator.url, emulator.options)` works. */
  readonly url: string
  readonly options: EmulatorOptions
  /** The commands that were asked for, in their order. */
  readonly commands: readonly string[]
  /** Resets every connection: the network goes away. */
  cut(): void
  close(): Promise<void>
}

// An interface would not be assignable to the Record that `connect` takes.
export type EmulatorOptions = {
  readonly password: string
  readonly hostKeyFingerprint: readonly string[]
  readonly agent: false
  readonly sshConfig: false
}

export async function startEmulator(knobs: EmulatorKnobs = {}): Promise<SshEmulator> {
  const user = knobs.user ?? 'user'
  const password = knobs.password ?? 'an emulated password'
  const hostKey = knobs.hostKey ?? newHostKey()
  const parsed = ssh2.utils.parseKey(hostKey)
  if (parsed instanceof Error) throw parsed
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const processes = new Set<() => void>()

  const server = new ssh2.Server({ hostKeys: [hostKey], ...(knobs.banner === undefined ? {} : { banner: knobs.banner }) }, (client) => {
    client.on('error', () => undefined) // a client that goes away
    client.on('authentication', loginRules(user, password, knobs))
    client.on('ready', () => {
      if (knobs.dropAfterLogin === true) return void client.end()
      serveSession(client, knobs, { commands, processes })
    })
  })
  // ssh2's Server keeps its sockets to itself; the listener beneath it does not.
  const { _srv: beneath } = server as unknown as { readonly _srv: Server } // lib/server.js
  if (knobs.silent === true) beneath.removeAllListeners('connection')
  beneath.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's address is one

  async function close(): Promise<void> {
    for (const end of processes) end()
    for (const socket of sockets) socket.destroy()
    const closed = once(server, 'close')
    server.close()
    await closed
  }

  return {
    url: `ssh://${encodeURIComponent(user)}@127.0.0.1:${port}`,
    options: { password, hostKeyFingerprint: [`SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`], agent: false, sshConfig: false },
    commands,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function newHostKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString()
}
