import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createResponseParser, HttpError, type HttpResponse } from '../../src/http/response-parser.js'
import { property } from '../support/property.js'

/** What comes of `pieces`, one after the other; 'end': the stream ends after them. */
function parse(pieces: readonly Uint8Array[], last: 'end' | 'open' = 'open', maxBody = 1000): HttpResponse | undefined {
  const parser = createResponseParser(maxBody)
  for (const piece of pieces.filter(({ length }) => length > 0)) {
    const response = parser.push(piece)
    if (response !== undefined) return response
  }
  return last === 'end' ? parser.end() : undefined
}
const text = (lines: readonly string[], body = ''): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')

const responses: readonly (readonly [string, Buffer, string])[] = [
  ['with a length', text(['HTTP/1.1 200 OK', 'Content-Length: 5', 'Server: x'], 'hello'), 'hello'],
  ['empty', text(['HTTP/1.1 401 Unauthorized', 'WWW-Authenticate: Negotiate', 'WWW-Authenticate: Basic realm="WSMAN"', 'Content-Length: 0']), ''],
  ['in chunks', text(['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], '3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n'), 'hello'],
  ['in chunks with a trailer', text(['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\nA: b\r\n\r\n'), 'hello'],
  ['after 100 Continue', Buffer.concat([text(['HTTP/1.1 100 Continue']), text(['HTTP/1.1 200 OK', 'content-length: 5'], 'hello')]), 'hello'],
]

describe('a response', () => {
  test.each(responses)('%s, at every split in three', (_, bytes, body) => {
    for (let first = 0; first <= bytes.length; first += 3) {
      for (let second = first; second <= bytes.length; second += 5) {
        expect(parse([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)])?.body.toString()).toBe(body)
      }
    }
    for (let cut = 0; cut < bytes.length; cut++) expect(parse([bytes.subarray(0, cut)], 'end')).toBeUndefined()
  })

  test('repeated headers are all there', () => {
    expect(parse([responses[1]![1]])?.headers.get('www-authenticate')).toEqual(['Negotiate', 'Basic realm="WSMAN"'])
  })

  test.each([
    [['HTTP/1.1 200 OK', 'Content-Length: 0'], true],
    [['HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close'], false],
    [['HTTP/1.0 200 OK', 'Content-Length: 0'], false],
  ])('%j keeps the connection: %s', (lines, keepAlive) => {
    expect(parse([text(lines)])?.keepAlive).toBe(keepAlive)
  })

  test('without a length it ends with the connection', () => {
    const bytes = text(['HTTP/1.1 200 OK'], 'hello')
    expect(parse([bytes])).toBeUndefined()
    expect(parse([bytes], 'end')).toMatchObject({ body: Buffer.from('hello'), keepAlive: false })
  })

  test.each([
    ['no HTTP', Buffer.from('SSH-2.0-OpenSSH\r\n\r\n')],
    ['lengths that differ', text(['HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6'], 'hello')],
    ['a length that is none', text(['HTTP/1.1 200 OK', 'Content-Length: 0x5'], 'hello')],
    ['more than its length', text(['HTTP/1.1 200 OK', 'Content-Length: 5'], 'hello and more')],
    ['a chunk longer than it says', text(['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], '3\r\nhello\r\n')],
    ['a coding that was not asked for', text(['HTTP/1.1 200 OK', 'Transfer-Encoding: gzip'])],
    ['a header with a blank in its name', text(['HTTP/1.1 200 OK', 'A b: c'])],
    ['a body beyond the bound', text(['HTTP/1.1 200 OK', 'Content-Length: 1001'])],
    ['chunks beyond the bound', text(['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], 'fffffff\r\n')],
    ['an endless body beyond the bound', text(['HTTP/1.1 200 OK'], 'x'.repeat(1001))],
    ['an endless head', Buffer.from(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`)],
  ])('%s is refused', (_, bytes) => {
    expect(() => parse([bytes])).toThrow(HttpError)
  })

  test('damage gives HttpError and nothing else', () => {
    const valid = fc.constantFrom(...responses.map(([, bytes]) => bytes))
    property(fc.property(valid, fc.nat(200), fc.uint8Array({ maxLength: 4 }), fc.nat(4), (bytes, place, insert, cut) => {
      const at = place % bytes.length
      try {
        parse([Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + cut)])], 'end')
      } catch (error) {
        expect(error).toBeInstanceOf(HttpError)
      }
    }))
  })
})
