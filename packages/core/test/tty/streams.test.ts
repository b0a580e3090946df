import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Barrier } from '../../src/tty/barrier.js'
import { LiteOutput } from '../../src/tty/lite-output.js'
import { Reassembly } from '../../src/tty/reassembly.js'
import { StreamState } from '../../src/tty/stream-state.js'
import { check } from './properties.js'

const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5 }), { maxLength: 12 })

describe('Reassembly', () => {
  test('gives each frame once and in turn, whatever comes twice or early', () => check(fc.property(frames, fc.array(fc.nat()), (data, order) => {
    const all = [...data, new Uint8Array(0)]
    const arrivals = [...order.map((at) => at % all.length), ...all.keys()]
    const reassembly = new Reassembly()
    const given = arrivals.flatMap((sequence) => reassembly.push(sequence, all[sequence]!))
    expect(given).toEqual(data)
    expect(reassembly.ended).toBe(true)
    expect(reassembly.gap).toBe(false)
  })))

  test('knows what is missing', () => {
    const reassembly = new Reassembly()
    reassembly.push(1, Buffer.from('b'))
    expect([reassembly.next, reassembly.gap]).toEqual([0, true])
  })
})

describe('Barrier', () => {
  test('passes all before the mark and nothing behind it, wherever it is cut', () => check(fc.property(fc.stringMatching(/^[mark!]{0,30}$/), fc.array(fc.nat(12)), (before, cuts) => {
    fc.pre(!`${before}mark`.slice(0, -1).includes('mark'))
    const barrier = new Barrier('mark')
    const text = `${before}markrest`
    let out = ''
    let at = 0
    for (const cut of [...cuts, text.length]) {
      out += Buffer.from(barrier.push(Buffer.from(text.slice(at, at + cut)))).toString()
      at += cut
    }
    expect(out).toBe(before)
    expect(barrier.found).toBe(true)
  })))
})

test('a stream that ends while a part of the mark is held back gives it as output', () => {
  const stream = new StreamState('o')
  stream.expect('mark')
  const chunks = [...stream.push(0, Buffer.from('xma')), ...stream.push(1, new Uint8Array(0))]
  expect(chunks.map(({ data }) => Buffer.from(data).toString()).join('')).toBe('xma')
  expect(stream.complete).toBe(true)
})

test('LiteOutput gives exactly what stands between its marks, wherever it is cut', () => check(fc.property(fc.stringMatching(/^[>ab1 \r\n]{0,40}$/), fc.array(fc.nat(9)), (body, cuts) => {
  fc.pre(!body.endsWith('\r'))
  const output = new LiteOutput('id7')
  const text = `noise<id7\n${body}\n>id7 3\n`
  const events = []
  let at = 0
  for (const cut of [...cuts, text.length]) {
    events.push(...output.push(text.slice(at, at + cut)))
    at += cut
  }
  expect(events.at(-1)).toEqual({ type: 'exit', code: 3, signal: null })
  expect(Buffer.concat(events.flatMap((event) => event.type === 'stdout' ? [event.data] : [])).toString()).toBe(body)
})))
