import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeTelnet, TelnetDecoder } from '../src/codec.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('telnet', () => {
  test('accepts WILL ECHO, WILL SGA and DO SGA, refuses the rest, and hands on the data', () => {
    const { data, reply } = new TelnetDecoder().push(bytes('\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03\xff\xfd\x03\xff\xfb\x25vm login: '))
    expect(data.toString('latin1')).toBe('vm login: ')
    expect(reply).toEqual(bytes('\xff\xfc\x01\xff\xfc\x1f\xff\xfd\x01\xff\xfd\x03\xff\xfb\x03\xff\xfe\x25'))
  })

  test('answers an option once', () => {
    const decoder = new TelnetDecoder()
    decoder.push(bytes('\xff\xfb\x01'))
    expect(decoder.push(bytes('\xff\xfb\x01')).reply).toHaveLength(0)
  })

  test('skips subnegotiations', () => {
    expect(new TelnetDecoder().push(bytes('a\xff\xfa\x18\x01\xff\xff\xff\xf0b')).data.toString('latin1')).toBe('ab')
  })

  test('any bytes come back, however they are cut', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), fc.array(fc.nat(10)), (data, cuts) => {
      const sent = encodeTelnet(data)
      const decoder = new TelnetDecoder()
      const parts: Buffer[] = []
      let at = 0
      for (const cut of [...cuts, sent.length]) {
        parts.push(decoder.push(sent.subarray(at, at + cut)).data)
        at += cut
      }
      expect(Buffer.concat(parts)).toEqual(Buffer.from(data))
    }), { interruptAfterTimeLimit: 1000 })
  })

  test('random bytes never throw', () => {
    fc.assert(fc.property(fc.uint8Array(), (data) => { new TelnetDecoder().push(data) }), { interruptAfterTimeLimit: 1000 })
  })
})
