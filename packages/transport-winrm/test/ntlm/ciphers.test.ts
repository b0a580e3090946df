import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { md4 } from '../../src/ntlm/md4.js'
import { createRc4 } from '../../src/ntlm/rc4.js'

// RFC 1320, A.5
const md4Vectors: readonly (readonly [string, string])[] = [
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
  ['12345678901234567890123456789012345678901234567890123456789012345678901234567890', 'e33b4ddc9c38f2199c3e7b164fcc0536'],
]

// RFC 6229: key, and the key stream at offsets 0 and 240
const rc4Vectors: readonly (readonly [string, string, string])[] = [
  ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8', '28cb1132c96ce286421dcaadb8b69eae'],
  ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97', '065902e4b620f6cc36c8589f66432f2b'],
]

describe('MD4', () => {
  test.each(md4Vectors)('RFC 1320: %j', (message, digest) => {
    expect(md4(Buffer.from(message)).toString('hex')).toBe(digest)
  })

  test('every length around the block boundary differs from its neighbours', () => {
    const digests = Array.from({ length: 200 }, (_, length) => md4(Buffer.alloc(length, 0x61)).toString('hex'))
    expect(new Set(digests).size).toBe(200)
    expect(createHash('sha256').update(digests.join('')).digest('hex').length).toBe(64)
  })
})

describe('RC4', () => {
  test.each(rc4Vectors)('RFC 6229: key %s', (key, first, later) => {
    const stream = createRc4(Buffer.from(key, 'hex'))(Buffer.alloc(256))
    expect(stream.subarray(0, 16).toString('hex')).toBe(first)
    expect(stream.subarray(240, 256).toString('hex')).toBe(later)
  })

  test('what one state encrypts in pieces, another decrypts at once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.array(fc.uint8Array({ maxLength: 100 })), (key, pieces) => {
        const encrypt = createRc4(key)
        const sealed = Buffer.concat(pieces.map((piece) => encrypt(piece)))
        expect(createRc4(key)(sealed)).toEqual(Buffer.concat(pieces))
      }),
    )
  })
})
