// A Windows machine with WinRM, as far as a client can tell: for this package's tests, for the examples, and for yours.
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { secret } from '@train-ts/core'
import { certificate, privateKey } from './certificate.js'
import type { EmulatorKnobs, Operation, Scheme, WinrmEmulator } from './knobs.js'
import { createListener } from './listener.js'
import { hasWine, powershellPath, winePrograms } from './programs.js'
import { createService } from './service.js'

export type { EmulatorKnobs, Misbehaviour, Operation, Scheme, SpawnCommand, WinrmEmulator } from './knobs.js'
export { hasWine, powershellPath } from './programs.js'

/** Starts the emulator on a free port of the loopback interface. */
export async function startEmulator(knobs: EmulatorKnobs = {}): Promise<WinrmEmulator> {
  const account = { user: knobs.user ?? 'administrator', password: knobs.password ?? 'Pa55w0rd!', domain: knobs.domain ?? 'EMULATOR' }
  const schemes: readonly Scheme[] = knobs.schemes ?? ['Negotiate', 'Basic']
  const wine = knobs.spawn === undefined && hasWine() ? await winePrograms() : undefined
  const service = createService(knobs, knobs.spawn ?? wine?.run ?? noProgram)
  const log: Operation[] = []
  const sockets = new Set<Duplex>()
  const busy = new WeakSet<Duplex>()
  let refusals = 0
  let connections = 0

  const listener = createListener({
    knobs,
    account,
    schemes,
    service,
    note(operation) {
      log.push(operation)
      return knobs.misbehave?.(operation, log.filter((one) => one === operation).length)
    },
    refused: () => void (refusals += 1),
  })
  const tls = knobs.tls === true
  const server: Server = tls
    ? createHttps({ cert: certificate, key: privateKey, ca: certificate, requestCert: schemes.includes('Certificate'), rejectUnauthorized: false })
    : createHttp()
  server.on('request', (request, response) => {
    busy.add(request.socket)
    response.once('close', () => busy.delete(request.socket))
    listener(request, response)
  })
  server.keepAliveTimeout = 600_000
  server.requestTimeout = 0
  server.on(tls ? 'secureConnection' : 'connection', (socket: Duplex) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  const shell = knobs.shell ?? (powershellPath() === undefined ? 'cmd' : 'powershell')
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await service.close()
    for (const socket of sockets) socket.destroy()
    await closed
    await wine?.dispose()
  }
  return {
    url: `winrm://${encodeURIComponent(account.user)}@127.0.0.1:${port}/wsman`,
    options: { password: secret(account.password), shell, ...(tls ? { ssl: true, ca: certificate } : {}) },
    port,
    log,
    get refusals() {
      return refusals
    },
    get shells() {
      return service.shells.size
    },
    get connections() {
      return connections
    },
    dropShells: () => service.dropShells(),
    async dropConnections() {
      const idle = [...sockets].filter((socket) => !busy.has(socket))
      await Promise.all(idle.map((socket) => new Promise<void>((resolve) => socket.once('close', resolve).end())))
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

function noProgram(): never {
  throw new Error('This emulator has nothing to run commands with: install wine64, or give the knob `spawn`.')
}
