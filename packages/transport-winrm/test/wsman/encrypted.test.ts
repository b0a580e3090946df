import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeEncrypted, encodeEncrypted, FrameError } from '../../src/wsman/encrypted.js'
import { property } from '../support/property.js'

const protocol = 'application/HTTP-SPNEGO-session-encrypted'
const seal = (data: Buffer) => encodeEncrypted(protocol, { header: Buffer.alloc(16, 1), data }, data.length)

describe('a sealed body', () => {
  test('comes back, even where the sealed bytes look like its boundary', () => {
    const evil = fc.constantFrom('--Encrypted Boundary--\r\n', '--Encrypted Boundary', '\r\n', '-- Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n').map((text) => Buffer.from(text))
    property(fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)), evil)), (pieces) => {
      const data = Buffer.concat(pieces)
      const { contentType, body } = seal(data)
      expect(decodeEncrypted(contentType, body)).toEqual({ protocol, length: data.length, type: 'application/soap+xml;charset=UTF-8', header: Buffer.alloc(16, 1), data })
    }))
  })

  test('is written as WinRb does: no blanks before the headers', () => {
    expect(seal(Buffer.from('DATA')).body.toString('latin1')).toBe(
      `--Encrypted Boundary\r\nContent-Type: ${protocol}\r\nOriginalContent: type=application/soap+xml;charset=UTF-8;Length=4\r\n--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n\x10\0\0\0${'\x01'.repeat(16)}DATA--Encrypted Boundary--\r\n`,
    )
  })

  test('as pywinrm writes it (tabs) and as Exchange does (a blank in the boundary)', () => {
    const tabs = Buffer.from(seal(Buffer.from('DATA')).body.toString('latin1').replace(/(Content-Type|OriginalContent)/g, '\t$1'), 'latin1')
    const blank = Buffer.from(seal(Buffer.from('DATA')).body.toString('latin1').replace(/--Encrypted/g, '-- Encrypted'), 'latin1')
    for (const body of [tabs, blank]) expect(decodeEncrypted('multipart/encrypted', body).data.toString()).toBe('DATA')
  })

  test('lengths that lie are refused', () => {
    const lie = (text: string, by: string): Buffer => Buffer.from(seal(Buffer.from('DATA')).body.toString('latin1').replace(text, by), 'latin1')
    for (const body of [lie('Length=4', 'Length=5'), lie('Length=4', 'Length=999999999'), lie('\x10\0\0\0', '\x11\0\0\0'), lie('\x10\0\0\0', '\xff\xff\xff\xff')]) {
      expect(() => decodeEncrypted('multipart/encrypted', body)).toThrow(FrameError)
    }
    // More than a cipher's padding after the message.
    expect(() => decodeEncrypted('multipart/encrypted', encodeEncrypted(protocol, { header: Buffer.alloc(16), data: Buffer.alloc(100) }, 4).body)).toThrow(FrameError)
  })

  test('cut anywhere, or damaged: FrameError and nothing else', () => {
    const { body, contentType } = seal(Buffer.from('some data'))
    // All but the line end of its last line.
    for (let at = 0; at < body.length - 2; at++) expect(() => decodeEncrypted(contentType, body.subarray(0, at))).toThrow(FrameError)
    property(fc.property(fc.nat(body.length - 1), fc.nat(255), (at, value) => {
      const damaged = Buffer.from(body)
      damaged[at] = value
      try {
        decodeEncrypted(contentType, damaged)
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError)
      }
    }))
  })
})
