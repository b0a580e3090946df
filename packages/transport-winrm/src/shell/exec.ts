// One command: start it, send its input, receive until it is done. On abort: terminate it, delete its shell, and only then let go.
import { setTimeout as delay } from 'node:timers/promises'
import { TransportError, type ExecEvent, type ExecRequest, type Secret } from '@train-ts/core'
import { faultError } from '../client/failures.js'
import type { WsmanClient } from '../client/wsman-client.js'
import { faultCode, WsmanFault } from '../wsman/fault.js'
import { readReceived, type Received } from '../wsman/replies.js'
import { receiveRequest, sendRequest } from '../wsman/shell-requests.js'
import { needsNewShell, type ShellHost, type ShellSlot } from './shell-host.js'
import { maxPiece, pumpStdin, sendAll, wasTaken, type SendPiece } from './stdin.js'

/** How a shell turns a command into a process and its output into events. */
export interface ShellKind {
  /** The process of `slot` that will run `command`: its id. */
  begin(slot: ShellSlot, command: string, signal: AbortSignal): Promise<string>
  /** What goes into stdin before the user's own input. */
  preamble(command: string): Uint8Array | undefined
  /** After the preamble is sent. */
  started(slot: ShellSlot): void
  /** A new reader of one command's output. */
  reader(): OutputReader
}

export interface OutputReader {
  push(output: Received['output'][number]): readonly ExecEvent[]
  end(): readonly ExecEvent[]
}

export interface ExecParts {
  readonly client: WsmanClient
  readonly host: ShellHost
  readonly kind: ShellKind
}

/** Milliseconds that an abort waits for the far side. */
const stopLimit = 5000
/** Milliseconds before a Send is repeated to a service that is busy. */
const busyPause = 5000

export async function* exec(parts: ExecParts, request: ExecRequest): AsyncGenerator<ExecEvent, void, undefined> {
  const { client, host, kind } = parts
  request.signal.throwIfAborted()
  const { slot, commandId, inputEnded } = await launch(parts, request)
  const send: SendPiece = (data, end) => sendPiece(client, slot, commandId, data, end)
  let finished = false
  let inputFailure: unknown
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= within(stopLimit, host.terminate(slot, commandId).then(() => host.discard(slot))))
  const onAbort = (): void => void stop()
  request.signal.addEventListener('abort', onAbort, { once: true })
  if (request.signal.aborted) onAbort()
  let pump: ReturnType<typeof pumpStdin> | undefined
  try {
    if (request.stdin !== undefined) pump = pumpStdin(request.stdin, send, maxPiece(client.maxEnvelopeSize), (error) => {
      inputFailure = error
      void stop()
    })
    else if (!inputEnded) host.endInput(slot, commandId)
    const reader = kind.reader()
    for (;;) {
      const received = await receive(client, slot, commandId, request.signal)
      if (received === undefined) continue
      for (const output of received.output) yield* reader.push(output)
      if (!received.done) continue
      finished = true
      yield* reader.end()
      yield { type: 'exit', code: received.exitCode, signal: null }
      return
    }
  } catch (error) {
    if (request.signal.aborted) throw await afterStop(stop(), request.signal)
    if (inputFailure instanceof Error) throw inputFailure
    throw error instanceof WsmanFault ? faultError(error) : error
  } finally {
    request.signal.removeEventListener('abort', onAbort)
    pump?.stop()
    if (finished && stopping === undefined) {
      host.forget(slot, commandId)
      host.release(slot)
    } else await stop()
  }
}

interface Launched {
  readonly slot: ShellSlot
  readonly commandId: string
  readonly inputEnded: boolean
}

/** A shell and a process in it that has its command. Where the service refuses a step, nothing has run: another shell is tried. */
async function launch({ client, host, kind }: ExecParts, request: ExecRequest): Promise<Launched> {
  const own = { env: request.env === undefined || request.env.size === 0 ? undefined : reveal(request.env), cwd: request.cwd }
  for (let attempt = 1; ; attempt++) {
    const slot = await host.acquire(own, request.signal)
    try {
      request.signal.throwIfAborted()
      const commandId = await kind.begin(slot, request.command, request.signal)
      const preamble = kind.preamble(request.command)
      if (preamble !== undefined) {
        const send: SendPiece = (data, end) => sendPiece(client, slot, commandId, data, end)
        await sendAll(preamble, send, maxPiece(client.maxEnvelopeSize), request.stdin === undefined)
      }
      kind.started(slot)
      return { slot, commandId, inputEnded: preamble !== undefined && request.stdin === undefined }
    } catch (error) {
      await within(stopLimit, host.discard(slot))
      if (request.signal.aborted) throw request.signal.reason
      if (attempt < 3 && (needsNewShell(error) || (error instanceof WsmanFault && slot.used))) continue
      if (request.cwd !== undefined && error instanceof WsmanFault && error.faultNumber === faultCode.invalidDirectory) {
        throw missingDirectory(request.cwd, error)
      }
      throw error instanceof WsmanFault ? faultError(error) : error
    }
  }
}

function missingDirectory(path: string, cause: WsmanFault): TransportError {
  return new TransportError('FILE_NOT_FOUND', `The directory ${path} is not there, so the command did not run.`, { cause, details: { reason: 'cwd', path } })
}

/** One long poll; undefined: nothing happened within it. */
async function receive(client: WsmanClient, slot: ShellSlot, commandId: string, signal: AbortSignal): Promise<Received | undefined> {
  signal.throwIfAborted()
  try {
    const received = readReceived(await client.request(receiveRequest(slot.id, commandId), { repeatable: true, signal }))
    signal.throwIfAborted()
    return received
  } catch (error) {
    if (error instanceof WsmanFault && error.faultNumber === faultCode.operationTimeout && !signal.aborted) return undefined
    throw error
  }
}

async function sendPiece(client: WsmanClient, slot: ShellSlot, commandId: string, data: Uint8Array, end: boolean): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.request(sendRequest(slot.id, commandId, data, end))
      return
    } catch (error) {
      if (wasTaken(error)) return
      if (!(error instanceof WsmanFault && error.faultNumber === faultCode.busy && attempt < 3)) throw error
      await delay(busyPause)
    }
  }
}

function reveal(env: ReadonlyMap<string, string | Secret>): ReadonlyMap<string, string> {
  return new Map([...env].map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()]))
}

async function afterStop(stopped: Promise<void>, signal: AbortSignal): Promise<unknown> {
  await stopped
  return signal.reason ?? new TransportError('ABORTED', 'The command was stopped.')
}

/** Waits for `work`, but not for longer. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([work.then(() => undefined, () => undefined), limit])
  clearTimeout(timer)
}
