// MS-NLMP §4.2: the specification's own example of NTLMv2. Numbers in this file come from there.
import { describe, expect, test } from 'vitest'
import { computeResponse, lmResponse, parseAccount, passwordKey } from '../../src/ntlm/keys.js'
import { decodeAuthenticate, decodeChallenge, encodeAuthenticate } from '../../src/ntlm/messages.js'
import { md4 } from '../../src/ntlm/md4.js'
import { createRc4 } from '../../src/ntlm/rc4.js'
import { createNtlmSession } from '../../src/ntlm/seal.js'
import { decodeTargetInfo, encodeTargetInfo } from '../../src/ntlm/target-info.js'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')
const account = { user: 'User', domain: 'Domain' }
const serverChallenge = hex('0123456789abcdef')
const clientChallenge = hex('aaaaaaaaaaaaaaaa')
const randomSessionKey = Buffer.alloc(16, 0x55)
const targetInfo = hex('02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000')

describe('MS-NLMP §4.2.1 and §4.2.4 (NTLMv2)', () => {
  const key = passwordKey(account, 'Password')
  const response = computeResponse(key, serverChallenge, { challenge: clientChallenge, timestamp: Buffer.alloc(8), targetInfo })

  test('NTOWFv1, whose MD4 is under NTOWFv2', () => {
    expect(md4(Buffer.from('Password', 'utf16le')).toString('hex')).toBe('a4f49c406510bdcab6824ee7c30fd852')
  })

  test('NTOWFv2', () => {
    expect(key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f')
  })

  test('the blob, its proof and the session base key', () => {
    expect(response.ntResponse.subarray(16).toString('hex')).toBe(
      `01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000${targetInfo.toString('hex')}00000000`,
    )
    expect(response.proof.toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c')
    expect(response.sessionBaseKey.toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3')
  })

  test('LMv2 response', () => {
    expect(lmResponse(key, serverChallenge, clientChallenge).toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa')
  })

  test('encrypted random session key', () => {
    expect(createRc4(response.sessionBaseKey)(randomSessionKey).toString('hex')).toBe('c5dad2544fc9799094ce1ce90bc9d03e')
  })

  test('the challenge message is understood', () => {
    const challenge = decodeChallenge(
      hex(`4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000060070170000000f
        530065007200760065007200 ${targetInfo.toString('hex')}`),
    )
    expect(challenge.flags).toBe(0xe28a8233)
    expect(challenge.serverChallenge).toEqual(serverChallenge)
    expect(Buffer.from(challenge.targetName).toString('utf16le')).toBe('Server')
    expect(encodeTargetInfo(decodeTargetInfo(challenge.targetInfo))).toEqual(targetInfo)
  })

  test('the authenticate message is understood, and ours carries the same fields', () => {
    const bytes = hex(`4e544c4d5353500003000000180018006c00000054005400840000000c000c00480000000800080054000000100010005c000000
      10001000d8000000358288e20501280a0000000f 44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200
      86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa 68cd0ab851e51c96aabc927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa
      00000000 ${targetInfo.toString('hex')} 00000000 c5dad2544fc9799094ce1ce90bc9d03e`)
    const message = decodeAuthenticate(bytes)
    expect(message).toMatchObject({ flags: 0xe2888235, domain: 'Domain', user: 'User', workstation: 'COMPUTER' })
    expect(message.ntResponse).toEqual(response.ntResponse)
    expect(decodeAuthenticate(encodeAuthenticate(message))).toEqual(message)
  })

  test('sealing: §4.2.4.4', () => {
    const client = createNtlmSession(randomSessionKey, 'client')
    const sealed = client.seal(Buffer.from('Plaintext', 'utf16le'))
    expect(sealed.data.toString('hex')).toBe('54e50165bf1936dc996020c1811b0f06fb5f')
    expect(sealed.signature.toString('hex')).toBe('010000007fb38ec5c55d497600000000')
    expect(createNtlmSession(randomSessionKey, 'server').unseal(sealed.signature, sealed.data)).toEqual(Buffer.from('Plaintext', 'utf16le'))
  })
})

test.each([
  ['alice', { user: 'alice', domain: '' }],
  ['CORP\\alice', { user: 'alice', domain: 'CORP' }],
  ['.\\alice', { user: 'alice', domain: '' }],
  ['alice@corp.example', { user: 'alice@corp.example', domain: '' }],
])('account %j', (name, expected) => {
  expect(parseAccount(name)).toEqual(expected)
})

test("upper-casing is by single units: 'ß' stays, 'é' does not", () => {
  const of = (user: string): string => passwordKey({ user, domain: '' }, 'x').toString('hex')
  expect(of('straße')).toBe(of('STRAßE'))
  expect(of('straße')).not.toBe(of('STRASSE'))
  expect(of('élan')).toBe(of('ÉLAN'))
})
