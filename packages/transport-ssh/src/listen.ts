// Connections that somebody makes to the far side, as streams here (`ssh -R`).
import type { Duplex } from 'node:stream'
import { TransportError } from '@train-ts/core'
import type { Address, CallContext } from '@train-ts/core'
import type { Channel, ClientChannel, TcpConnectionDetails, UNIXConnectionDetails } from 'ssh2'
import { ChannelStream } from './channel-stream.js'
import { failureOf } from './link.js'
import type { Link } from './link.js'

/** Accepted and not yet taken; beyond it connections are refused, so that nobody fills our memory. */
const longestQueue = 64

/** The far side's own port where 0 was asked for; `'port' in listener`. */
export interface Listener extends AsyncIterable<Duplex> {
  readonly port?: number
}

export async function listen(link: Link, on: Address, { signal }: CallContext): Promise<Listener> {
  const { client } = link
  signal.throwIfAborted()
  const gone = failureOf(link, 'before the far side listened')
  if (gone !== undefined) throw gone
  const port = await new Promise<number>((settle, fail) => {
    const answered = (error: Error | null | undefined, real?: number): void => {
      if (error === undefined || error === null) return settle(real ?? 0)
      const name = 'path' in on ? on.path : `${on.host}:${on.port}`
      const hint = 'Its configuration may forbid it (AllowTcpForwarding, GatewayPorts, PermitListen), or the address is taken.'
      fail(failureOf(link, 'before the far side listened') ?? new TransportError('UNSUPPORTED', `The SSH server does not listen on ${name}.`, { hint, cause: error }))
    }
    if ('path' in on) client.openssh_forwardInStreamLocal(on.path, answered)
    else client.forwardIn(on.host, on.port, answered)
  })

  const queue: Duplex[] = []
  let over = false
  let wake: (() => void) | undefined
  const accept = (take: () => ClientChannel, refuse: () => void): void => {
    if (over || queue.length >= longestQueue) return refuse()
    queue.push(new ChannelStream(take(), link, 'while a forwarded connection was open'))
    wake?.()
  }
  const onTcp = (details: TcpConnectionDetails, take: () => ClientChannel, refuse: () => void): void => {
    if (!('path' in on) && details.destPort === port && details.destIP === on.host) accept(take, refuse)
  }
  const onUnix = (details: UNIXConnectionDetails, take: () => Channel, refuse: () => void): void => {
    if ('path' in on && details.socketPath === on.path) accept(() => take() as ClientChannel, refuse) // a client makes no others
  }
  const stop = (): void => {
    if (over) return
    over = true
    client.off('tcp connection', onTcp)
    client.off('unix connection', onUnix)
    client.off('close', stop)
    signal.removeEventListener('abort', stop)
    for (const stream of queue.splice(0)) stream.destroy()
    // The far side listens no longer; its answer changes nothing.
    if (failureOf(link, '') === undefined) {
      if ('path' in on) client.openssh_unforwardInStreamLocal(on.path, () => undefined)
      else client.unforwardIn(on.host, port, () => undefined)
    }
    wake?.()
  }
  client.on('tcp connection', onTcp)
  client.on('unix connection', onUnix)
  client.on('close', stop)
  signal.addEventListener('abort', stop)

  async function* connections(): AsyncGenerator<Duplex, void, undefined> {
    try {
      while (!over) {
        const next = queue.shift()
        if (next !== undefined) yield next
        else await new Promise<void>((settle) => (wake = settle))
      }
      const failure = failureOf(link, 'while the far side listened')
      if (failure !== undefined && !link.closing) throw failure
    } finally {
      stop()
    }
  }
  const iterator = connections()
  return { ...('path' in on ? {} : { port }), [Symbol.asyncIterator]: () => iterator }
}
