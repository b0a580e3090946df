import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAnswer } from '../src/answer.js'

const whole = (text: string) => ({ data: Buffer.from(text), total: text.length, more: false, damaged: false })

describe('the answer', () => {
  test('is read by its sizes, so that what the agent appends is not taken for the command’s', () => {
    expect(parseAnswer('%train-ts 1 2 t:4:4 t:3:3 lost=\nout\n', 'errfailed to run commands: exit status 1')).toEqual({ kind: 'result', code: 2, stdout: whole('out\n'), stderr: whole('err') })
  })
  test('a stream that was cut on the way is damaged, not short', () => {
    expect(parseAnswer('%train-ts 1 0 t:10:10 t:0:0 lost=\nabc', '')).toMatchObject({ stdout: { damaged: true, total: 10 } })
    expect(parseAnswer('%train-ts 1 0 b:6:8 t:0:0 lost=\nYWJj', '')).toMatchObject({ stdout: { damaged: true, data: Buffer.from('abc') } })
  })
  test('anything else behind it is damage', () => {
    expect(parseAnswer('%train-ts 1 0 t:3:3 t:0:0 lost=\nabcd', '')).toMatchObject({ stdout: { damaged: true } })
  })
  test('a byte that became U+FFFD is damage', () => {
    expect(parseAnswer('%train-ts 1 0 t:3:3 t:0:0 lost=\na\ufffdb', '')).toMatchObject({ stdout: { damaged: true } })
  })
  test('what the node could not keep is damage', () => {
    expect(parseAnswer('%train-ts 1 0 t:1:1 t:1:1 lost=e\na', 'b')).toMatchObject({ stdout: { damaged: false }, stderr: { damaged: true } })
  })
  test('compressed output that is longer than it says, or broken, is damage and no bomb', () => {
    const bomb = gzipSync(Buffer.alloc(3_000_000)).toString('base64')
    expect(parseAnswer(`%train-ts 1 0 z:100:${String(bomb.length)} t:0:0 lost=\n${bomb}`, '')).toMatchObject({ stdout: { damaged: true, data: Buffer.alloc(0) } })
    expect(parseAnswer('%train-ts 1 0 z:100:4 t:0:0 lost=\nAAAA', '')).toMatchObject({ stdout: { damaged: true } })
  })
  test('anything else is unknown, and nothing throws', () => {
    for (const text of ['', 'hello', '%train-ts 1 ', '%train-ts 1 0 t:1', '%train-ts 2 0 t:0:0 t:0:0 lost=']) expect(parseAnswer(text, '')).toEqual({ kind: 'unknown' })
    fc.assert(fc.property(fc.string(), fc.string(), (out, err) => void parseAnswer(`%train-ts 1 ${out}`, err)))
  })
})
