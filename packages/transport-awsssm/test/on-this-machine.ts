import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** The emulator's nodes are this machine: what a test sees here, it has seen beside the transport. */
export function onThisMachine(command: string): Promise<{ exitCode: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile('sh', ['-c', command], { maxBuffer: 1e8 }, (_error, stdout) => resolve({ exitCode: child.exitCode, stdout }))
  })
}

/** Sends back what it receives. */
export async function startEcho(): Promise<{ readonly host: string; readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo // listening on TCP
  return { host: 'localhost', port, close: () => void server.close() }
}
