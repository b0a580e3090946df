import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { basicHeader } from '../../src/auth/basic.js'
import { parseChallenges, schemeNames } from '../../src/codec/challenges.js'
import { endPointBinding, ntlmBinding } from '../../src/codec/channel-binding.js'
import { decodeOid, DerError, encodeElement, encodeOid, readElement } from '../../src/codec/der.js'
import { decodeNegTokenInit, decodeNegTokenResp, encodeNegTokenInit, encodeNegTokenResp, mechanism } from '../../src/codec/spnego.js'
import { property } from '../support/property.js'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')

describe('DER', () => {
  test.each([
    ['1.3.6.1.5.5.2', '06062b0601050502'],
    ['1.3.6.1.4.1.311.2.2.10', '060a2b06010401823702020a'],
    ['1.2.840.113554.1.2.2', '06092a864886f712010202'],
    ['2.16.840.1.101.3.4.2.1', '0609608648016503040201'],
  ])('object identifier %s', (dotted, bytes) => {
    expect(encodeOid(dotted).toString('hex')).toBe(bytes)
    expect(decodeOid(readElement(hex(bytes)).value)).toBe(dotted)
  })

  test('lengths of every form come back', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const element = readElement(encodeElement(0x04, Buffer.alloc(length, 1)))
      expect(element.value).toHaveLength(length)
    }
  })

  test.each(['', '04', '0481', '048101', '0480', '0485010101010100', '1f0100'])('%j is refused', (bytes) => {
    expect(() => readElement(hex(bytes))).toThrow(DerError)
  })
})

describe('SPNEGO', () => {
  // The token with which Windows' own browsers offer NTLM (RFC 4178's form; in many captures).
  const offer = '6048 0606 2b06 0105 0502 a03e 303c a00e 300c 060a 2b06 0104 0182 3702 020a a22a 0428 4e54 4c4d 5353 5000 0100 0000 97b2 08e2 0000 0000 0000 0000 0000 0000 0000 0000 0a00 614a 0000 000f'

  test('an offer of NTLM is read and written', () => {
    const token = decodeNegTokenInit(hex(offer))
    expect(token.mechanisms).toEqual([mechanism.ntlm])
    expect(encodeNegTokenInit(token.mechanisms, token.mechToken!).toString('hex')).toBe(hex(offer).toString('hex'))
  })

  test('the shortest end of a login', () => {
    expect(decodeNegTokenResp(hex('a107 3005 a003 0a01 00')).state).toBe('accept-completed')
    expect(encodeNegTokenResp({ state: 'accept-completed' }).toString('hex')).toBe('a1073005a0030a0100')
  })

  test('answers come back', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    property(fc.property(fc.constantFrom('accept-completed', 'accept-incomplete', 'reject'), bytes, bytes, (state, responseToken, mechListMic) => {
      const token = { state, mechanism: mechanism.ntlm, responseToken: Buffer.from(responseToken), mechListMic: Buffer.from(mechListMic) } as const
      expect(decodeNegTokenResp(encodeNegTokenResp(token))).toEqual(token)
    }))
  })

  test('random and damaged tokens give a DerError and nothing else', () => {
    const valid = hex(offer)
    const attempt = (bytes: Uint8Array): void => {
      for (const decode of [decodeNegTokenInit, decodeNegTokenResp]) {
        try {
          decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DerError)
        }
      }
    }
    property(fc.property(fc.uint8Array({ maxLength: 80 }), attempt))
    property(fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
      const bytes = Buffer.from(valid)
      bytes[at] = value
      attempt(bytes)
    }))
  })
})

describe('channel binding', () => {
  // Certificates made by OpenSSL 3; `hash` is what RFC 5929 §4.1 takes for that signature.
  const certificates = JSON.parse(readFileSync(new URL('../vectors/certificates.json', import.meta.url), 'utf8')) as readonly { name: string; hash: string | null; derBase64: string }[]

  test.each(certificates)('$name takes $hash', ({ hash, derBase64 }) => {
    const der = Buffer.from(derBase64, 'base64')
    const expected = hash === null ? undefined : Buffer.concat([Buffer.from('tls-server-end-point:'), createHash(hash).update(der).digest()])
    expect(endPointBinding(der)).toEqual(expected)
  })

  test('the structure under the MD5', () => {
    const binding = Buffer.from('tls-server-end-point:abc')
    const structure = Buffer.concat([Buffer.alloc(16), Buffer.from([binding.length, 0, 0, 0]), binding])
    expect(ntlmBinding(binding)).toEqual(createHash('md5').update(structure).digest())
  })
})

describe('headers', () => {
  test('schemes from several lines and from one', () => {
    const lines = parseChallenges(['Negotiate', 'Basic realm="WSMAN"', 'CredSSP'])
    expect(schemeNames(lines)).toBe('Negotiate, Basic, Credssp')
    expect(parseChallenges(['Negotiate, Basic realm="WSMAN", CredSSP'])).toEqual(lines)
    expect(schemeNames([])).toBe('none')
  })

  test('the token of a running login', () => {
    expect(parseChallenges(['negotiate TlRMTQ=='])).toEqual([{ scheme: 'negotiate', token: Buffer.from('NTLM') }])
  })

  test('Basic is UTF-8', () => {
    expect(basicHeader('jörg', 'pä:ss')).toBe(`Basic ${Buffer.from('jörg:pä:ss').toString('base64')}`)
  })
})
