// HTTP/1.1 responses out of a byte stream, in any pieces and within bounds. No clock and no socket here.

export interface HttpResponse {
  readonly status: number
  /** By lower-case name; a repeated header has several values. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Buffer
  /** Whether another request may follow on this connection. */
  readonly keepAlive: boolean
}

export class HttpError extends Error {
  override readonly name = 'HttpError'
}

export interface ResponseParser {
  /** The response when it is complete. Throws HttpError for what is no response, too large, or more than one. */
  push(data: Uint8Array): HttpResponse | undefined
  /** The stream has ended: completes a body that had no length. */
  end(): HttpResponse | undefined
  /** Any byte has come. */
  readonly started: boolean
}

interface Head {
  readonly status: number
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly keepAlive: boolean
  readonly length: number | 'chunked' | 'until-end'
}

const maxHead = 64 * 1024
const separator = Buffer.from('\r\n\r\n', 'latin1')

/** A parser for one response. */
export function createResponseParser(maxBody: number): ResponseParser {
  let pending = Buffer.alloc(0)
  let started = false
  let head: Head | undefined
  let chunks: Buffer[] = []
  let received = 0

  function readHead(): boolean {
    for (;;) {
      const end = pending.indexOf(separator)
      if (end > maxHead || (end < 0 && pending.length > maxHead)) throw new HttpError('the head of the response is too long')
      if (end < 0) return false
      const read = parseHead(pending.toString('latin1', 0, end))
      pending = pending.subarray(end + separator.length)
      // 100 Continue and its like announce the real one.
      if (read.status < 200) continue
      if (typeof read.length === 'number' && read.length > maxBody) throw tooLong(maxBody)
      head = read
      return true
    }
  }

  function keep(length: number): void {
    received += length
    if (received > maxBody) throw tooLong(maxBody)
    chunks.push(pending.subarray(0, length))
    pending = pending.subarray(length)
  }

  /** True when the terminating chunk is there. */
  function readChunks(): boolean {
    for (;;) {
      const line = pending.indexOf('\r\n', 0, 'latin1')
      if (line < 0) {
        if (pending.length > 1024) throw new HttpError('a chunk of the response has no length')
        return false
      }
      const digits = /^([0-9a-f]{1,8})(?:[ \t]*;.*)?$/i.exec(pending.toString('latin1', 0, line))?.[1]
      if (digits === undefined) throw new HttpError('a chunk of the response has no length')
      const length = Number.parseInt(digits, 16)
      if (received + length > maxBody) throw tooLong(maxBody)
      if (length === 0) return skipTrailer(line)
      if (pending.length < line + 2 + length + 2) return false
      pending = pending.subarray(line + 2)
      keep(length)
      if (pending.toString('latin1', 0, 2) !== '\r\n') throw new HttpError('a chunk of the response is longer than it says')
      pending = pending.subarray(2)
    }
  }

  function skipTrailer(line: number): boolean {
    const end = pending.toString('latin1', line, line + 4) === '\r\n\r\n' ? line : pending.indexOf(separator, line)
    if (end < 0) {
      if (pending.length - line > maxHead) throw new HttpError('the trailer of the response is too long')
      return false
    }
    pending = pending.subarray(end + separator.length)
    return true
  }

  function complete(): HttpResponse {
    if (head === undefined || pending.length > 0) throw new HttpError('bytes follow the response')
    const { status, headers, keepAlive, length } = head
    const response = { status, headers, body: Buffer.concat(chunks), keepAlive: keepAlive && length !== 'until-end' }
    chunks = []
    return response
  }

  return {
    get started() {
      return started
    },
    push(data) {
      if (data.length > 0) started = true
      pending = pending.length === 0 ? Buffer.from(data) : Buffer.concat([pending, data])
      if (head === undefined && !readHead()) return undefined
      const length = head?.length
      if (length === 'chunked') return readChunks() ? complete() : undefined
      keep(typeof length === 'number' ? Math.min(pending.length, length - received) : pending.length)
      return received === length ? complete() : undefined
    },
    end() {
      return head?.length === 'until-end' ? complete() : undefined
    },
  }
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/.exec(first)
  if (status === null) throw new HttpError('the answer is not HTTP')
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line)
    if (field === null) throw new HttpError('a header of the response is malformed')
    const name = (field[1] ?? '').toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), field[2] ?? ''])
  }
  const code = Number(status[2])
  return { status: code, headers, keepAlive: status[1] === '1' && !/\bclose\b/i.test((headers.get('connection') ?? []).join(',')), length: lengthOf(code, headers) }
}

function lengthOf(status: number, headers: ReadonlyMap<string, readonly string[]>): Head['length'] {
  if (status < 200 || status === 204 || status === 304) return 0
  const coding = headers.get('transfer-encoding')
  if (coding !== undefined) {
    if (coding.join(',').trim().toLowerCase() !== 'chunked') throw new HttpError('a transfer encoding that was not asked for')
    return 'chunked'
  }
  const lengths = new Set(headers.get('content-length'))
  if (lengths.size === 0) return 'until-end'
  const [text = ''] = lengths
  if (lengths.size > 1 || !/^\d{1,12}$/.test(text)) throw new HttpError('the length of the response is malformed')
  return Number(text)
}

function tooLong(maxBody: number): HttpError {
  return new HttpError(`the response is longer than ${maxBody} bytes`)
}
