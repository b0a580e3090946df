// One WebSocket of a data channel, from dialling to its end.
import { TransportError } from '@train-ts/core'
import { WebSocket } from 'ws'

export interface SocketHandlers {
  message(bytes: Uint8Array): void
  /** Once, whatever the reason; not after `close`. */
  gone(): void
}

export interface Socket {
  send(bytes: Uint8Array): void
  /** Bytes that wait to be written. */
  readonly buffered: number
  /** Stops and goes on reading: the far side then waits for its acks. */
  setPaused(paused: boolean): void
  close(): void
}

const connectTimeout = 15_000
const pingInterval = 30_000

/** Connects and sends the opening message, which holds the token: the only credential. Neither it nor the URL is ever in an error. */
export async function dialSocket(url: URL, opening: string, handlers: SocketHandlers, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  const socket = new WebSocket(url, { handshakeTimeout: connectTimeout, maxPayload: 1_048_576, perMessageDeflate: false, followRedirects: false })
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      socket.terminate()
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', (error) => {
      signal.removeEventListener('abort', onAbort)
      reject(new TransportError('CONNECT_FAILED', `The session's data channel cannot be reached: ${error.message.replaceAll(/wss?:\S+/g, 'the stream URL')}`, { details: { reason: 'stream' } }))
    })
    socket.once('open', () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
  let ended = false
  let alive = true
  const timer = setInterval(() => {
    if (socket.isPaused) return
    if (!alive) return socket.terminate()
    alive = false
    socket.ping('keepalive')
  }, pingInterval)
  timer.unref()
  socket.on('pong', () => { alive = true })
  socket.on('message', (data) => {
    alive = true
    // ws gives one Buffer with its default binaryType.
    if (!ended && Buffer.isBuffer(data)) handlers.message(data)
  })
  socket.once('close', () => {
    clearInterval(timer)
    if (ended) return
    ended = true
    handlers.gone()
  })
  socket.send(opening)
  return {
    send(bytes) {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
    },
    get buffered() {
      return socket.bufferedAmount
    },
    setPaused(paused) {
      if (paused) socket.pause()
      else socket.resume()
    },
    close() {
      ended = true
      clearInterval(timer)
      socket.resume()
      socket.close(1000)
      // Without an answer to the close the socket would linger.
      const limit = setTimeout(() => socket.terminate(), 1_000)
      limit.unref()
      socket.once('close', () => clearTimeout(limit))
    },
  }
}
