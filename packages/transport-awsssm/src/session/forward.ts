// Connections from the node to an address, over a port session for each address that is reused.
import type { Duplex } from 'node:stream'
import type { Address, CallContext } from '@train-ts/core'
import { TransportError } from '@train-ts/core'
import { raceAbort } from '../abort.js'
import type { DataChannelParts } from './data-channel.js'
import { PortSession } from './port-session.js'

export interface Forwarder {
  forward(to: Address, context: CallContext): Promise<Duplex>
  close(): Promise<void>
}

/** How long a session without a connection is kept for the next one. */
const linger = 20_000

export function createForwarder(parts: DataChannelParts, target: string): Forwarder {
  const sessions = new Map<string, Promise<PortSession>>()
  let closed = false

  const start = async (host: string, port: number, signal: AbortSignal): Promise<PortSession> => {
    const own = host === '' || host === 'localhost' || host === '127.0.0.1' || host === target
    const document = own ? 'AWS-StartPortForwardingSession' : 'AWS-StartPortForwardingSessionToRemoteHost'
    const parameters = { portNumber: [String(port)], localPortNumber: ['0'], ...(own ? {} : { host: [host] }) }
    const ticket = await parts.api.start(target, document, parameters, signal)
    return PortSession.open(parts, ticket, `${own ? 'localhost' : host}:${String(port)}`, signal)
  }

  /** One session for all who ask at the same time; where its start failed, the next one tries again. */
  const sessionFor = async (key: string, host: string, port: number, signal: AbortSignal): Promise<PortSession> => {
    for (;;) {
      const known = sessions.get(key)
      if (known === undefined) {
        const starting = start(host, port, signal)
        sessions.set(key, starting)
        starting.catch(() => { if (sessions.get(key) === starting) sessions.delete(key) })
        return starting
      }
      const session = await raceAbort(known, signal).catch(() => undefined)
      signal.throwIfAborted()
      if (session?.over === false) return session
      if (sessions.get(key) === known) sessions.delete(key)
    }
  }

  const close = async (key: string, session: PortSession): Promise<void> => {
    sessions.delete(key)
    await session.close()
  }

  return {
    async forward(to, { signal }) {
      if (!('host' in to)) throw new TransportError('UNSUPPORTED', 'Session Manager forwards to host and port, not to a path.')
      if (closed) throw new TransportError('CONNECTION_CLOSED', 'The connection was closed.')
      const key = `${to.host}:${String(to.port)}`
      const session = await sessionFor(key, to.host, to.port, signal)
      const stream = await session.connect(signal).catch(async (error: unknown) => {
        if (session.streams === 0) await close(key, session)
        throw error
      })
      stream.once('close', () => {
        const timer = setTimeout(() => { if (session.streams === 0) close(key, session).catch(() => undefined) }, linger)
        timer.unref()
      })
      return stream
    },
    async close() {
      closed = true
      const all = [...sessions.values()]
      sessions.clear()
      await Promise.all(all.map(async (session) => (await session.catch(() => undefined))?.close()))
    },
  }
}
