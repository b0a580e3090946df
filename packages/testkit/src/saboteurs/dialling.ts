// A variant that needs the network: a server that greets, and a driver whose session dies with its stream.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AnyDriver, ExecRequest, OpenContext, Session } from '@train-ts/core'
import type { HarnessTarget } from '../harness.js'
import type { Events } from './change.js'

/** What a saboteur may do otherwise. */
export interface DialFaults {
  /** Does not destroy the stream when `open` fails. */
  readonly keepsStream?: boolean
  /** Waits for the greeting whatever the signal says. */
  readonly ignoresAbort?: boolean
  /** Does not say `lost`. */
  readonly isSilent?: boolean
  /** Nothing in flight learns of the loss. */
  readonly isDeaf?: boolean
}

/** `driver` behind a stream that `context.dial` gave, and by which it is reached from now on. */
export function dialling(driver: AnyDriver, faults: DialFaults = {}): AnyDriver {
  return {
    ...driver,
    schemes: ['dialled'],
    dials: true,
    options: {
      ...driver.options,
      host: { type: 'string', from: 'host', required: true, describe: 'Where the server greets.' },
      port: { type: 'integer', from: 'port', required: true, describe: 'Its port.' },
    },
    open: async (options: { readonly host: string; readonly port: number }, context) => {
      const stream = await context.dial(options.host, options.port, context)
      stream.on('error', () => undefined)
      try {
        await greeting(stream, faults.ignoresAbort === true ? new AbortController().signal : context.signal)
        return over(stream, await driver.open(options as never, context), context, faults) // the rest of its options
      } catch (error) {
        if (faults.keepsStream !== true) stream.destroy()
        throw error
      }
    },
  }
}

async function greeting(stream: Duplex, signal: AbortSignal): Promise<void> {
  const failed = new AbortController()
  const hungUp = (): void => failed.abort(new Error('the server hung up'))
  stream.once('close', hungUp)
  try {
    await once(stream, 'data', { signal: AbortSignal.any([signal, failed.signal]) })
  } finally {
    stream.off('close', hungUp)
  }
}

function over(stream: Duplex, session: Session, context: OpenContext, faults: DialFaults): Session {
  const gone = new AbortController()
  stream.resume().once('close', () => {
    if (gone.signal.aborted) return
    const cause = Object.assign(new Error('the server hung up'), { code: 'CONNECTION_LOST' })
    if (faults.isSilent !== true) context.lost(cause)
    if (faults.isDeaf !== true) gone.abort(cause)
  })
  async function* exec(request: ExecRequest): Events {
    yield* session.exec({ ...request, signal: AbortSignal.any([request.signal, gone.signal]) })
  }
  return {
    ...session,
    exec,
    close: async () => {
      gone.abort(new Error('closed'))
      stream.destroy()
      await session.close()
    },
  }
}

/** Starts the server. */
export async function startGreeter(): Promise<Required<Pick<HarnessTarget, 'url' | 'close'>>> {
  const sockets = new Set<Duplex>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)))
    socket.resume().write('hello')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // of a TCP server that listens
  return {
    url: `dialled://127.0.0.1:${String(port)}`,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
