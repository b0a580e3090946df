// AWS Systems Manager on this machine: the API as the SDK speaks it, and nodes whose agents really run the commands, as the user who starts it.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readRequest, sendAnswer, sendError, ServiceError } from './http.js'
import { Kms } from './kms.js'
import type { Call, EmulatorKnobs, Fault } from './knobs.js'
import { createRandom, defaultNode, draw } from './knobs.js'
import { createRate } from './rate.js'
import { Relay } from './session/relay.js'
import { Service } from './service.js'

export type { Call, EmulatorKnobs, Fault, FrameFault, NodeKnobs, Spread } from './knobs.js'

export interface Emulator extends AsyncDisposable {
  /** For `connect`: the first of the nodes. */
  readonly url: string
  /** For `connect`: where the API is, and credentials that it takes. */
  readonly options: {
    readonly endpoint: string
    readonly kms_endpoint: string
    readonly region: string
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  }
  /** Every request so far, in order. */
  readonly calls: readonly Call[]
  /** How often exit code 194 made the agent of this node reboot. */
  reboots(id: string): number
  readonly sessions: {
    /** Ids of the sessions that have not ended. */
    open(): readonly string[]
    /** Cuts the connection of every session; a client may resume. */
    cut(): void
    /** The service ends every session, and says why. */
    end(output: string): void
  }
  /** Ends what runs, and removes its files. */
  close(): Promise<void>
}

/** Starts an emulator on a free port of the loopback interface. Nothing of it is global. */
export async function startEmulator(knobs: EmulatorKnobs = {}): Promise<Emulator> {
  const { nodes = [defaultNode], region = 'eu-central-1', seed = 1, latency = [0, 0] } = knobs
  const directory = await mkdtemp(join(tmpdir(), 'train-ts-ssm-'))
  const random = createRandom(seed)
  let origin = ''
  const kms = new Kms()
  const { kmsKeyId, frameFault, terminalDelay = 30 } = knobs
  const relay = new Relay({ kms, kmsKeyId, directory, terminalDelay, origin: () => origin, frameFault })
  const service = new Service({
    relay, kms, nodes, region, directory, random, timeScale: knobs.timeScale ?? 1, parameters: knobs.parameters ?? {},
    pickUp: knobs.pickUp ?? [30, 150], visible: knobs.visible ?? [0, 40], publish: knobs.publish ?? [10, 40],
  })
  const calls: Call[] = []
  const counts = new Map<string, number>()
  const allow = createRate(knobs.rate)
  const stop = new AbortController()

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = await readRequest(request)
    if (asked === undefined) return
    const index = counts.get(asked.operation) ?? 0
    counts.set(asked.operation, index + 1)
    const call: Call = { ...asked, index }
    calls.push(call)
    const pause = draw(latency, random)
    if (pause > 0) await delay(pause, undefined, { signal: stop.signal })
    if (!allow(performance.now())) throw new ServiceError('ThrottlingException', 'Rate exceeded')
    const action = `${asked.operation === 'GenerateDataKey' ? 'kms' : 'ssm'}:${asked.operation}`
    if (knobs.deny?.includes(action) === true) throw new ServiceError('AccessDeniedException', `User: arn:aws:iam::123456789012:user/emulator is not authorized to perform: ${action}`)
    if (await misbehave(knobs.fault?.(call), response, stop.signal)) return
    const output = service.carryOut(asked.operation, asked.input)
    if (response.destroyed) return
    sendAnswer(response, output)
  }

  const misbehave = async (fault: Fault | undefined, response: ServerResponse, signal: AbortSignal): Promise<boolean> => {
    if (fault === undefined) return false
    if (fault === 'throttle') throw new ServiceError('ThrottlingException', 'Rate exceeded')
    if (fault === 'server-error') throw new ServiceError('InternalServerError', 'An error occurred on the server side.', 500)
    if (fault === 'silence') return true
    if (fault === 'reset' || fault === 'lose-answer') {
      response.socket?.resetAndDestroy()
      return fault === 'reset'
    }
    if ('error' in fault) throw new ServiceError(fault.error, fault.message)
    await delay(fault.delay, undefined, { signal })
    return false
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => sendError(response, error))
  })
  server.on('upgrade', (request, socket, head) => relay.upgrade(request, socket, head))
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo // listening on TCP
  origin = `ws://127.0.0.1:${String(port)}`

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    stop.abort()
    relay.close()
    await service.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    await rm(directory, { recursive: true, force: true })
  }
  const first = nodes[0] ?? defaultNode
  const endpoint = `http://127.0.0.1:${String(port)}`
  return {
    url: `awsssm://${first.id}/`,
    options: { endpoint, kms_endpoint: endpoint, region, credentials: { accessKeyId: 'AKIAEMULATOR', secretAccessKey: 'emulator' } },
    calls,
    reboots: (id) => service.reboots(id),
    sessions: { open: () => relay.open, cut: () => relay.cut(), end: (output) => relay.end(output) },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}
