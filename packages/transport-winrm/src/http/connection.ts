// One HTTP/1.1 connection over a stream that somebody else has opened. Logins are bound to it, so it is never shared or replaced.
import type { Duplex } from 'node:stream'
import { createResponseParser, type HttpResponse, type ResponseParser } from './response-parser.js'

/** How far a request came before the connection failed; only `unsent` is sure not to have reached the far side. */
export type FailureStage = 'unsent' | 'sent' | 'answering'

export class HttpFailure extends Error {
  override readonly name = 'HttpFailure'
  constructor(
    message: string,
    readonly stage: FailureStage,
    readonly reason: 'closed' | 'timeout' | 'malformed',
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}

export interface HttpConnection {
  /** One request at a time. `headers` without Host and Content-Length. */
  post(request: HttpPost): Promise<HttpResponse>
  /** No more requests: the far side closed it, or something failed. */
  readonly dead: boolean
  close(): void
}

export interface HttpPost {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Milliseconds until the whole answer must be there. */
  readonly timeout: number
  /** Bytes of the answer's body. */
  readonly maxBody: number
}

interface Waiting {
  readonly parser: ResponseParser
  readonly resolve: (response: HttpResponse) => void
  readonly reject: (failure: HttpFailure) => void
}

export function createHttpConnection(stream: Duplex, host: string): HttpConnection {
  let dead = false
  let waiting: Waiting | undefined

  function settle(): Waiting | undefined {
    const current = waiting
    waiting = undefined
    return current
  }
  function fail(message: string, reason: HttpFailure['reason'], cause?: unknown): void {
    dead = true
    stream.destroy()
    const current = settle()
    current?.reject(new HttpFailure(message, current.parser.started ? 'answering' : 'sent', reason, cause))
  }

  stream.on('data', (data: Buffer) => {
    if (waiting === undefined) return fail('the far side spoke out of turn', 'malformed')
    try {
      const response = waiting.parser.push(data)
      if (response === undefined) return
      if (!response.keepAlive) {
        dead = true
        stream.destroy()
      }
      settle()?.resolve(response)
    } catch (error) {
      fail(error instanceof Error ? error.message : 'malformed response', 'malformed', error)
    }
  })
  stream.on('end', () => {
    dead = true
    try {
      const response = waiting?.parser.end()
      if (response !== undefined) settle()?.resolve(response)
    } catch (error) {
      fail('malformed response', 'malformed', error)
    }
    fail('the far side closed the connection', 'closed')
  })
  stream.on('error', (error) => fail(error.message, 'closed', error))
  stream.on('close', () => fail('the connection was closed', 'closed'))

  return {
    get dead() {
      return dead || stream.destroyed || stream.readableEnded
    },
    post({ path, headers, body, timeout, maxBody }) {
      if (waiting !== undefined) throw new Error('one request at a time')
      if (dead || stream.destroyed) return Promise.reject(new HttpFailure('the connection was closed before', 'unsent', 'closed'))
      const lines = [`POST ${path} HTTP/1.1`, `Host: ${host}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), `Content-Length: ${body.length}`]
      const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
      return new Promise<HttpResponse>((resolve, reject) => {
        const timer = setTimeout(() => fail(`no answer within ${timeout} ms`, 'timeout'), timeout)
        const finish = <Value>(settled: (value: Value) => void) => (value: Value): void => {
          clearTimeout(timer)
          settled(value)
        }
        waiting = { parser: createResponseParser(maxBody), resolve: finish(resolve), reject: finish(reject) }
        stream.write(Buffer.concat([head, body]))
      })
    },
    close() {
      fail('the connection was closed by us', 'closed')
    },
  }
}
