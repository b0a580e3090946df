import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { HarnessTarget } from '../harness.js'

/** A server that sends back what it receives: what `forward` is tried with. */
export async function startEcho(): Promise<Required<Pick<HarnessTarget, 'echo' | 'close'>>> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a TCP server that listens
  return {
    echo: { host: '127.0.0.1', port },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
