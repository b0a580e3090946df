// Servers that misbehave, and a proxy that can cut the line.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

export interface Listener {
  readonly port: number
  /** How many connections are open now. */
  open(): number
  /** Resets every connection. */
  cut(): void
  close(): Promise<void>
}

export async function listen(accept: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    accept(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's address is one
  return {
    port,
    open: () => sockets.size,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export function proxy(port: number, seen?: (chunk: Buffer, fromServer: boolean) => void): Promise<Listener> {
  return listen((socket) => {
    const upstream = connect({ host: '127.0.0.1', port })
    upstream.on('error', () => socket.destroy())
    upstream.on('close', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
    upstream.on('data', (chunk) => seen?.(chunk, true))
    socket.on('data', (chunk) => seen?.(chunk, false))
    upstream.pipe(socket).pipe(upstream)
  })
}
