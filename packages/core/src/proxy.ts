import type { Duplex } from 'node:stream'
import { SocksClient } from 'socks'
import type { SocksClientOptions } from 'socks'
import { raceAbort } from './abort.js'
import type { Dial } from './dial.js'
import { isTransportError, TransportError } from './errors.js'
import { parseTarget } from './target.js'

const defaultPorts: Readonly<Record<string, number>> = { socks5: 1080, socks5h: 1080, http: 3128 }

interface Proxy {
  readonly scheme: string
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
}

/** What must not appear in messages. */
export function proxySecrets(proxy: string | undefined): readonly string[] {
  if (proxy === undefined) return []
  const { password } = parseProxy(proxy)
  return password === undefined ? [] : [password]
}

/** By a SOCKS 5 proxy (RFC 1928, RFC 1929), or by an HTTP proxy's CONNECT (RFC 9110 §9.3.6), which `beneath` reaches. */
export function dialProxy(url: string, beneath: Dial): Dial {
  const proxy = parseProxy(url)
  return async (host, port, context) => {
    const stream = await beneath(proxy.host, proxy.port, context)
    try {
      await raceAbort(proxy.scheme === 'http' ? connectHttp(stream, proxy, host, port) : connectSocks(stream, proxy, host, port), context.signal)
      return stream
    } catch (error) {
      stream.destroy()
      if (context.signal.aborted || isTransportError(error)) throw error
      // No cause: the library's errors carry its options, password included.
      throw new TransportError('CONNECT_FAILED', `The proxy ${proxy.host}:${String(proxy.port)} does not connect to ${host}:${String(port)}: ${error instanceof Error ? error.message : String(error)}`, { details: { reason: 'proxy' } })
    }
  }
}

function parseProxy(url: string): Proxy {
  const { scheme, host, port, user, password } = parseTarget(url)
  const standard = defaultPorts[scheme]
  if (standard === undefined || host === undefined || host === '') throw new TransportError('INVALID_OPTIONS', 'proxy is not the URL of a proxy.', { hint: 'Write socks5h://host:port, socks5://host:port or http://host:port.', details: { option: 'proxy' } })
  return { scheme, host, port: port ?? standard, user, password: password?.reveal() }
}

/** socks5h sends names as they are; so does socks5 here: this machine's resolver is never asked for what the proxy reaches. */
async function connectSocks(stream: Duplex, { host: ipaddress, port: proxyPort, user, password }: Proxy, host: string, port: number): Promise<void> {
  const options: SocksClientOptions = {
    proxy: { host: ipaddress, port: proxyPort, type: 5, ...(user === undefined ? {} : { userId: user, password: password ?? '' }) },
    command: 'connect', destination: { host, port },
    existing_socket: stream,
  }
  await SocksClient.createConnection(options)
}

/** An answer's head; what is longer is no answer of a proxy. */
const maxHead = 16_384

async function connectHttp(stream: Duplex, { user, password }: Proxy, host: string, port: number): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`
  const login = user === undefined ? '' : `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}\r\n`
  stream.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login}\r\n`)
  const head = await readHead(stream)
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]
  if (status === undefined) throw new TransportError('PROTOCOL_ERROR', 'The proxy does not answer like an HTTP proxy.', { details: { reason: 'proxy' } })
  if (status === '407') throw new TransportError('AUTH_FAILED', 'The proxy refuses the login.', { hint: 'Write http://user:password@host:port as proxy.', details: { reason: 'proxy' } })
  if (!status.startsWith('2')) throw new Error(`it answers ${head.slice(0, head.indexOf('\r'))}`)
}

/** Up to the empty line; what follows it belongs to the connection, and goes back. */
async function readHead(stream: Duplex): Promise<string> {
  let data = Buffer.alloc(0)
  return new Promise((resolve, reject) => {
    const done = (): void => {
      stream.off('readable', read).off('end', ended).off('error', reject)
    }
    const ended = (): void => { done(); reject(new Error('it closed the connection')) }
    const read = (): void => {
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) { // a stream of bytes without an encoding
        data = Buffer.concat([data, chunk])
        const end = data.indexOf('\r\n\r\n')
        if (end !== -1) {
          done()
          if (data.length > end + 4) stream.unshift(data.subarray(end + 4))
          resolve(data.toString('latin1', 0, end + 2))
          return
        }
        if (data.length > maxHead) { done(); reject(new Error('its answer has no end')); return }
      }
    }
    stream.on('readable', read).once('end', ended).once('error', reject)
    read()
  })
}

