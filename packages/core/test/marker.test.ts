import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MarkerFilter } from '../src/shell/marker.js'

const token = '0123456789abcdef01234567'

function through(chunks: readonly Uint8Array[]): { readonly text: string; readonly filter: MarkerFilter } {
  const filter = new MarkerFilter(token)
  const out = [...chunks.map((chunk) => filter.push(chunk)), filter.flush()]
  return { text: Buffer.concat(out).toString('latin1'), filter }
}

test('takes its line out, and nothing else, wherever the chunks break', () => {
  const whole = Buffer.from(`noise\n${token}+4711\nout${token.slice(0, 5)}put`)
  for (let first = 0; first <= whole.length; first += 1) {
    for (let second = first; second <= whole.length; second += 7) {
      const { text, filter } = through([whole.subarray(0, first), whole.subarray(first, second), whole.subarray(second)])
      expect(text).toBe(`noise\nout${token.slice(0, 5)}put`)
      expect(filter.report).toEqual({ started: 4711 })
    }
  }
})

test.each([
  ['a terminal ends the line with CRLF', `${token}+12\r\nx`, 'x', { started: 12 }],
  ['the directory cannot be entered', `${token}-cwd\n`, '', { failed: 'cwd' }],
  ['no line: the shell refused the text', 'sh: syntax error\n', 'sh: syntax error\n', undefined],
  ['something else behind the token', `${token}+x\n`, `${token}+x\n`, undefined],
  ['a process id of zero', `${token}+0\n`, `${token}+0\n`, undefined],
  ['no end of the line', `${token}+${'1'.repeat(100)}`, `${token}+${'1'.repeat(100)}`, undefined],
  ['an end in the middle of it', `a${token.slice(0, 9)}`, `a${token.slice(0, 9)}`, undefined],
])('%s', (_title, input, output, report) => {
  const { text, filter } = through([Buffer.from(input, 'latin1')])
  expect(text).toBe(output)
  expect(filter.report).toEqual(report)
})

test('what cannot be a part of the line is passed on at once', () => {
  const filter = new MarkerFilter(token)
  expect(Buffer.from(filter.push(Buffer.from('Password: '))).toString()).toBe('Password: ')
})

test('random bytes come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      expect(through(chunks).text).toBe(Buffer.concat(chunks).toString('latin1'))
    }),
    { interruptAfterTimeLimit: 2_000 },
  )
})
