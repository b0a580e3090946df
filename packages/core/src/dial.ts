import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { abortable } from './abort.js'
import type { Connection } from './connection.js'
import type { CallContext } from './driver.js'
import { TransportError } from './errors.js'

/** The one way to the network: what drivers get as `context.dial`. */
export type Dial = (host: string, port: number, context: CallContext) => Promise<Duplex>

/** A TCP connection without Nagle's delay: what waits for an answer to each small message would wait 40 ms for each. */
export const dialDirect: Dial = async (host, port, { signal }) => new Promise((resolve, reject) => {
  signal.throwIfAborted()
  const socket = connectTcp({ host, port, noDelay: true })
  const stopListening = abortable(signal, (reason) => {
    socket.destroy()
    reject(reason)
  })
  socket.once('connect', () => {
    stopListening()
    socket.off('error', onError)
    resolve(socket)
  })
  const onError = (cause: NodeJS.ErrnoException): void => {
    stopListening()
    socket.destroy()
    reject(new TransportError('CONNECT_FAILED', `${at(host, port)} ${reasons[cause.code ?? ''] ?? `cannot be reached: ${cause.message}`}.`, { cause, details: { reason: cause.code ?? 'network' }, hint: hints[cause.code ?? ''] }))
  }
  socket.once('error', onError)
})

/** Through another connection, from its far side. */
export function dialThrough(via: Connection): Dial {
  return async (host, port, { signal }) => via.forward({ host, port }, { signal })
}

function at(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ENOTFOUND: 'has a name that does not resolve',
  EAI_AGAIN: 'has a name that does not resolve now',
  ETIMEDOUT: 'does not answer',
  EHOSTUNREACH: 'is not reachable from here',
  ENETUNREACH: 'is on a network that is not reachable from here',
  ECONNRESET: 'closed the connection at once',
}

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Is the service running there, and is the port right?',
  ENOTFOUND: 'Check the spelling of the host.',
  ETIMEDOUT: 'A firewall, or a machine that is down: via, awsssm:// and serial:// need no open port.',
}
