// A console behind serial+tcp://127.0.0.1:port, with a real shell on a real terminal and a line as bad as you like.
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { chatter } from './chatter.js'
import type { EmulatorKnobs } from './knobs.js'
import { demandLogin } from './login.js'
import { seededRandom } from './noise.js'
import { lineDirection, small } from './paced.js'
import { openTerminal } from './terminal.js'

export type { EmulatorKnobs } from './knobs.js'

export interface Emulator extends AsyncDisposable {
  /** For `connect`. */
  readonly url: string
  readonly options: { readonly user?: string; readonly password?: string; readonly baud?: number }
  /** Changes the line from now on: it turns bad, or good again. */
  change(knobs: Pick<EmulatorKnobs, 'noise' | 'dropped' | 'garbled' | 'baudRate'>): void
  /** Pulls the plug of whoever is connected. */
  unplug(): void
  close(): Promise<void>
}

/** Starts an emulator on a free port of the loopback interface. Nothing of it is global. */
export async function startEmulator(knobs: EmulatorKnobs = {}): Promise<Emulator> {
  let current = knobs
  const random = seededRandom(knobs.seed ?? 1)
  const sockets = new Set<Socket>()
  const terminals = new Set<Duplex>()
  let shared: Duplex | undefined

  const terminal = (): Duplex => {
    const opened = openTerminal(knobs.shell ?? 'sh', knobs.echo ?? true)
    terminals.add(opened)
    opened.on('close', () => {
      terminals.delete(opened)
      if (shared === opened) shared = undefined
    })
    opened.on('error', () => undefined)
    return opened
  }

  const serve = async (socket: Socket): Promise<void> => {
    const up = lineDirection(() => current, random)
    const down = lineDirection(() => current, random)
    const client = Duplex.from({ readable: socket.pipe(small()).pipe(up), writable: down })
    client.on('error', () => socket.destroy())
    down.pipe(socket)
    socket.on('close', () => client.destroy())
    if (knobs.login !== undefined && shared === undefined) await demandLogin(client, knobs.login)
    if (socket.destroyed) return
    const shell = knobs.shared === true ? (shared ??= terminal()) : terminal()
    const talk = chatter(knobs.chatterEvery)
    shell.pipe(talk).pipe(small()).pipe(client, { end: false })
    client.on('data', (data: Buffer) => { if (!shell.destroyed && !shell.write(data)) client.pause() })
    shell.on('drain', () => client.resume())
    client.resume()
    socket.on('close', () => {
      shell.unpipe(talk)
      if (knobs.shared === true) shell.resume()
      else shell.destroy()
    })
    shell.on('close', () => socket.end())
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    serve(socket).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo // it listens on TCP
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    for (const opened of terminals) opened.destroy()
    await new Promise<void>((resolve) => { server.close(() => { resolve() }) })
  }
  return {
    url: `serial+tcp://127.0.0.1:${String(port)}`,
    options: { ...knobs.login, ...(knobs.baudRate === undefined ? {} : { baud: knobs.baudRate }) },
    change: (change) => { current = { ...current, ...change } },
    unplug: () => { for (const socket of sockets) socket.destroy() },
    close,
    [Symbol.asyncDispose]: close,
  }
}
