import { expect, test } from 'vitest'
import type { ExecEvent } from '../src/driver.js'
import type { OutputLine } from '../src/output.js'
import { ByteCollector, lines } from '../src/output.js'

async function* events(...chunks: readonly (readonly ['stdout' | 'stderr', string | Uint8Array])[]): AsyncGenerator<ExecEvent> {
  for (const [type, data] of chunks) yield await Promise.resolve({ type, data: Buffer.from(data) })
  yield { type: 'exit', code: 0, signal: null }
}

async function all(stream: AsyncIterable<OutputLine>): Promise<string[]> {
  const seen: string[] = []
  for await (const line of stream) seen.push(`${line.stream}:${line.text}`)
  return seen
}

test('lines of both streams, LF and CRLF, and a last one without an end', async () => {
  expect(await all(lines(events(['stdout', 'a\nb'], ['stderr', 'e\r\n'], ['stdout', 'c\n\nd'])))).toEqual(['stdout:a', 'stderr:e', 'stdout:bc', 'stdout:', 'stdout:d'])
})

test('a character that is split over two chunks comes out whole', async () => {
  const euro = Buffer.from('1 €\n')
  expect(await all(lines(events(['stdout', euro.subarray(0, 3)], ['stdout', euro.subarray(3)])))).toEqual(['stdout:1 €'])
})

test('a far side without newlines cannot fill the memory', async () => {
  expect(await all(lines(events(['stdout', 'abcdefg']), { maxLength: 3 }))).toEqual(['stdout:abc', 'stdout:def', 'stdout:g'])
})

test('collected bytes keep what is not UTF-8; text keeps a byte order mark', () => {
  const bytes = new ByteCollector()
  bytes.push(Buffer.from([0xef, 0xbb, 0xbf]))
  bytes.push(Buffer.from([0x61, 0xff]))
  expect([...bytes.bytes()]).toEqual([0xef, 0xbb, 0xbf, 0x61, 0xff])
  expect(bytes.text()).toBe('\ufeffa\ufffd')
})

test('the exit is said after the last line', async () => {
  const seen: unknown[] = []
  for await (const line of lines(events(['stdout', 'a\nb']), { onExit: ({ code }) => seen.push(code) })) seen.push(line.text)
  expect(seen).toEqual(['a', 'b', 0])
})
