import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cksum } from '../../src/tty/cksum.js'
import { parseFrame } from '../../src/tty/frame.js'
import { LineSplitter } from '../../src/tty/line-splitter.js'
import { PartFetch } from '../../src/tty/part-fetch.js'
import { check } from './properties.js'

const checked = (text: string) => `${text} ${cksum(text)} ${text.length}`

const bytes = fc.uint8Array({ maxLength: 200 })

describe('cksum', () => {
  test('is what POSIX cksum prints', () => {
    expect(cksum('')).toBe(4294967295)
    expect(cksum('123456789')).toBe(930766865)
    expect(cksum('o 5 17 aGVsbG8=')).toBe(Number(execFileSync('cksum', { input: 'o 5 17 aGVsbG8=' }).toString().split(' ')[0]))
  })
})

describe('parseFrame', () => {
  test('reads a data frame of any bytes', () => check(fc.property(bytes, fc.nat(), fc.nat(), fc.constantFrom('o', 'e'), (data, job, sequence, channel) => {
    const frame = parseFrame(checked(`${channel} ${job} ${sequence} ${Buffer.from(data).toString('base64')}`))
    expect(frame).toEqual({ kind: 'data', channel, job, sequence, data: Buffer.from(data) })
  })))

  test.each([
    ['x 5.137 5.137', { kind: 'exit', job: 5, code: 137 }],
    ['x 5.265 5.265', { kind: 'exit', job: 5, code: 137 }], // ksh93
    ['x 5.393 5.393', { kind: 'exit', job: 5, code: 137 }], // yash
    ['a 12 12\r', { kind: 'done', number: 12 }],
    ['w 3.12 3.12', { kind: 'written', job: 3, number: 12, taken: true }],
    ['n 3.12 3.12', { kind: 'written', job: 3, number: 12, taken: false }],
    ['k 3.0 3.0', { kind: 'left', job: 3, count: 0 }],
    ['v 9.4 9.4', { kind: 'alive', number: 9, poll: 4 }],
  ])('%s', (line, frame) => { expect(parseFrame(line)).toEqual(frame) })

  test.each(['x 5.137 5.138', 'a 12 2', 'x 5 137', 'k 3.0 4.0', 'o 1 0 aGk= 1 9', 'o 1 0 aGk=', '[   12.345678] usb 1-1: new device', 'Broadcast message from root@vm'])('takes %s for noise', (line) => {
    expect(parseFrame(line).kind).toBe('noise')
  })

  test('tells damage from what others say', () => {
    expect(parseFrame('o 1 0 aGk= 1 9')).toMatchObject({ kind: 'noise', suspect: true })
    expect(parseFrame('[   12.345678] usb 1-1: new device')).toMatchObject({ kind: 'noise', suspect: false })
  })

  test('no damage of one or two characters passes as a data frame', () => check(fc.property(bytes, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 2 }), (data, flips) => {
    const line = checked(`o 1 7 ${Buffer.from(data).toString('base64')}`)
    const damaged = Buffer.from(line, 'latin1')
    for (const [at, bits] of flips) damaged[at % damaged.length] = (damaged[at % damaged.length] ?? 0) ^ bits
    const text = damaged.toString('latin1')
    fc.pre(text !== line)
    const frame = parseFrame(text)
    // Base64 may have spare bits; what passes must be the same frame.
    if (frame.kind === 'data') expect(frame).toMatchObject({ job: 1, sequence: 7, data: Buffer.from(data) })
  })))

  test('random lines never throw', () => check(fc.property(fc.string({ unit: 'binary' }), (line) => { parseFrame(line) })))
})

describe('LineSplitter', () => {
  test('gives the same lines however the text is cut', () => check(fc.property(fc.array(fc.stringMatching(/^[a-z \r]{0,20}$/)), fc.array(fc.nat(40)), (lines, cuts) => {
    const text = lines.map((line) => `${line}\n`).join('')
    const splitter = new LineSplitter()
    const seen: string[] = []
    let rest = text
    for (const cut of cuts) {
      seen.push(...splitter.push(rest.slice(0, cut)))
      rest = rest.slice(cut)
    }
    seen.push(...splitter.push(rest))
    expect(seen).toEqual(lines)
  })))

  test('keeps no more than its limit of a line that never ends', () => {
    const splitter = new LineSplitter(10)
    expect(splitter.push('x'.repeat(25))).toEqual(['x'.repeat(25)])
    expect(splitter.rest).toBe('')
  })
})

test('PartFetch joins parts however many get lost, and takes nothing that it has not asked for', () => check(fc.property(
  fc.stringMatching(/^[!-~]{0,300}$/), fc.integer({ min: 1, max: 80 }), fc.array(fc.boolean(), { minLength: 1 }), (line, size, losses) => {
    const fetch = new PartFetch('o1', size)
    // The far side cuts the line with its LF, and its shell drops the LF.
    const whole = `${line}\n`
    let result: string | undefined
    let count = 0
    for (let guard = 0; result === undefined && guard < 2000; guard++) {
      expect(fetch.push({ slot: 'o2', offset: 0, size, text: 'no' })).toBeUndefined()
      for (const part of fetch.ask()) {
        const lost = losses[count++ % losses.length] === true && guard < 20
        if (!lost) result ??= fetch.push({ slot: 'o1', ...part, text: whole.slice(part.offset, part.offset + part.size).replace(/\n$/, '') })
      }
    }
    expect(result).toBe(line)
  })))
