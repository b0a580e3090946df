import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cksum } from '../../src/tty/cksum.js'
import { evalLine, firstPiece, loaded, pieceLine, runLine } from '../../src/tty/loader.js'
import { takeOverMarker } from '../../src/tty/marker.js'
import { commandPiece, cutEscaped, escapeText, fragments, numberedOrder, order, runJob, stdinChunk, stdinEnd } from '../../src/tty/order.js'
import { Pacing } from '../../src/tty/pacing.js'
import { liteAgent } from '../../src/tty/agent-lite.js'
import { pushAgent } from '../../src/tty/agent-push.js'
import { check } from './properties.js'

describe('orders', () => {
  test('any bytes come back from printf %b', () => check(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    const decoded = escapeText(bytes).replace(/\\0([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    expect(Buffer.from(decoded, 'latin1')).toEqual(Buffer.from(bytes))
  })))

  test('the real printf agrees', () => {
    const bytes = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))
    expect(execFileSync('sh', ['-c', 'printf %b "$1"', 'sh', escapeText(bytes)])).toEqual(bytes)
  })

  test('a long command is cut between escapes', () => check(fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 8, max: 40 }), (bytes, size) => {
    const pieces = cutEscaped(escapeText(bytes), size)
    expect(pieces.join('')).toBe(escapeText(bytes))
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(size)
      expect(piece.replace(/\\0[0-7]{3}/g, '')).not.toContain('\\')
    }
  })))

  // SAFETY: what reaches a login shell instead of the agent is one "command not found".
  test('every order is one harmless word list for a shell', () => check(fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), (data, number) => {
    const text = escapeText(data)
    const lines = [
      ...[commandPiece(text, true), runJob(1, true, 3000), stdinChunk(data), stdinEnd].map((each) => numberedOrder(number, each)),
      ...fragments(stdinChunk(data), 8).map((each) => numberedOrder(number, each)),
      order.acknowledge('o', number, 1), order.poll(number, 2, 3, 96), order.getPart('o1', 3, 64), order.barrier('train1'), order.kill('TERM', 5), order.quit,
    ]
    for (const line of lines) expect(line).toMatch(/^(?:\d+ \d+ [FCRSZ] .*|[AGPYKQ](?: .*)?)$/)
    for (const line of lines) expect(line).toMatch(/^[A-Za-z0-9_./:,=+@\\ -]*$/)
  })))
})

describe('the take-over line', () => {
  test.each([0, 0.5, 0.999999])('holds its marker for no echo to show, whatever random says: %s', (random) => {
    const { line, expected } = takeOverMarker(random)
    expect(line).not.toContain(expected)
    expect(line).toMatch(/^ sh -c '[^'!\\\n]*'$/)
    expect(line.length).toBeLessThan(1000)
    expect(Number(expected.slice(1, -1))).toBeLessThan(2 ** 31)
  })

  test('agents are one line of printable ASCII', () => {
    for (const perl of [true, false]) expect(pushAgent('abc', perl)).toMatch(/^[ -~]*$/)
    expect(liteAgent).toMatch(/^[ -~]*$/)
  })
})

describe('the loader', () => {
  test('pieces join to the program and never begin or end with a blank', () => check(fc.property(fc.stringMatching(/^[a-z]( {0,3}[a-z'"$;]){0,80}$/), fc.integer({ min: 1, max: 30 }), (program, size) => {
    let rest = program
    let joined = ''
    while (rest !== '') {
      const piece = firstPiece(rest, size)
      expect(piece).toBe(piece.trim())
      joined += piece
      rest = rest.slice(piece.length)
    }
    expect(joined).toBe(program)
  })))

  test('speaks in checked lines', () => {
    expect(pieceLine(900, 'echo a')).toBe(`900 ${cksum('900 echo a')} echo a`)
    expect(runLine(7)).toBe(': 7 7')
    expect(evalLine('echo a')).toBe('. echo a')
    expect(loaded('x<900.900>\n<1800.1700>\n')).toBe(900)
    expect(loaded('<1800.1700>')).toBeUndefined()
  })
})

describe('Pacing', () => {
  test('a slow line gets a quarter of a second, a fast one the most', () => {
    expect(new Pacing(960).size).toBe(240)
    expect(new Pacing(undefined).size).toBe(3000)
    expect(new Pacing(11).size).toBe(96)
  })

  test('halves after two failures, doubles after twenty messages, stays between its limits', () => {
    const pacing = new Pacing(undefined)
    expect([pacing.bad(), pacing.bad()]).toEqual([false, true])
    expect(pacing.size).toBe(1500)
    expect(pacing.noisy).toBe(true)
    for (let count = 0; count < 20; count++) pacing.good()
    expect(pacing.size).toBe(3000)
    for (let count = 0; count < 100; count++) pacing.bad()
    expect(pacing.size).toBe(24)
  })
})
