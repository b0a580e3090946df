import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createClixmlDecoder, type ClixmlEvent } from '../../src/clixml/decoder.js'
import { unescapeClixml } from '../../src/clixml/escapes.js'
import { property } from '../support/property.js'

interface Sample {
  readonly name: string
  readonly stderrBase64?: string
  readonly expected?: Readonly<Record<'error' | 'rest', string>> &
    Readonly<Record<'warning' | 'verbose' | 'debug' | 'information', readonly string[]>> & { readonly exitCode: number; readonly errorRecords?: readonly string[] }
}
const vectors = JSON.parse(readFileSync(new URL('../vectors/powershell.json', import.meta.url), 'utf8')) as { readonly clixml: readonly Sample[] }
const samples = vectors.clixml.filter((sample) => sample.stderrBase64 !== undefined)

function decode(pieces: readonly Uint8Array[]): readonly ClixmlEvent[] {
  const decoder = createClixmlDecoder()
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()]
}

function summary(events: readonly ClixmlEvent[]): Record<string, unknown> {
  const records = (stream: string): string[] => events.flatMap((event) => (event.type === 'record' && event.stream === stream ? [event.text] : []))
  return {
    error: events.flatMap((event) => (event.type === 'error' ? [event.text] : [])).join(''),
    rest: Buffer.concat(events.flatMap((event) => (event.type === 'raw' ? [event.data] : []))).toString('utf8'),
    warning: records('warning'),
    verbose: records('verbose'),
    debug: records('debug'),
    information: records('information'),
  }
}

describe('recorded from PowerShell', () => {
  test.each(samples)('$name', ({ stderrBase64, expected }) => {
    const { errorRecords, ...streams } = expected!
    const bytes = Buffer.from(stderrBase64!, 'base64')
    const whole = summary(decode([bytes]))
    expect({ ...whole, exitCode: streams.exitCode }).toEqual({ ...streams, error: errorRecords === undefined ? streams.error : errorRecords.map((text) => `${text}\n`).join('') })
    // The same at every split in two, and byte by byte.
    expect(summary(decode(Array.from(bytes, (byte) => Buffer.of(byte))))).toEqual(whole)
    const step = Math.max(1, Math.floor(bytes.length / 400))
    for (let at = 0; at <= bytes.length; at += step) expect(summary(decode([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(whole)
  })
})

describe('the decoder', () => {
  test('Windows writes CR LF and a byte order mark', () => {
    const block = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><S S="Error">no_x000D__x000A_</S></Objs>'
    expect(decode([Buffer.from(`\ufeff#< CLIXML\r\n${block}`)])).toEqual([{ type: 'error', text: 'no\r\n' }])
  })

  test('Write-Host is marked: stdout has its text too', () => {
    const sample = samples.find(({ name }) => name.startsWith('05'))!
    expect(decode([Buffer.from(sample.stderrBase64!, 'base64')]).map((event) => event.type === 'record' && event.host)).toEqual([false, true, true])
  })

  test('a block that is broken, or never ends, stays as it is', () => {
    for (const block of ['<Objs Version="1"><S</Objs>', '<Objs Version="1.1.0.1" xmlns="http://schemas.micro', '<Objs xmlns="x">&a;</Objs>', '<!DOCTYPE a><Objs xmlns="x"/>']) {
      expect(summary(decode([Buffer.from(`#< CLIXML\r\n${block}`)])).rest).toBe(block)
    }
  })

  test('without a header nothing is touched', () => {
    property(fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom('<Objs a', '</Objs>', ' #< CLIXML\n', '#< CLIXM\n').map((text) => Buffer.from(text)))), (pieces) => {
      const whole = Buffer.concat(pieces)
      fc.pre(!/(^|\n)(\u00ef\u00bb\u00bf)?#< CLIXML\r?\n/.test(whole.toString('latin1')))
      expect(Buffer.concat(decode(pieces).flatMap((event) => (event.type === 'raw' ? [event.data] : [])))).toEqual(whole)
    }))
  })

  test('a block without bound passes through instead of filling the memory', () => {
    const decoder = createClixmlDecoder(1000)
    const start = Buffer.from('#< CLIXML\n<Objs ')
    const events = [...decoder.push(start), ...decoder.push(Buffer.alloc(2000, 0x61)), ...decoder.end()]
    expect(events.reduce((sum, event) => sum + (event.type === 'raw' ? event.data.length : 0), 0)).toBe(2006)
  })

  test.each([['_x005F_x0041_', '_x0041_'], ['_xD83D__xDE00_', '😀'], ['_x41_', '_x41_'], ['_X000a_', '\n']])('%s', (escaped, plain) => {
    expect(unescapeClixml(escaped)).toBe(plain)
  })
})
