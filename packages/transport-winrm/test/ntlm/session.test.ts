import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerChallenge, DowngradeError, negotiateMessage, type NtlmLogin } from '../../src/ntlm/client.js'
import { flags, offered } from '../../src/ntlm/flags.js'
import { decodeAuthenticate, decodeChallenge, decodeNegotiate, encodeChallenge } from '../../src/ntlm/messages.js'
import { createNtlmSession, SealError } from '../../src/ntlm/seal.js'
import { attribute, decodeTargetInfo, encodeTargetInfo, findAttribute } from '../../src/ntlm/target-info.js'
import { NtlmFormatError } from '../../src/ntlm/wire.js'
import { property } from '../support/property.js'

const key = Buffer.alloc(16, 7)
const login: NtlmLogin = {
  account: { user: 'User', domain: 'Domain' },
  password: 'Password',
  servicePrincipal: 'HTTP/host',
  channelBinding: undefined,
  random: (length) => Buffer.alloc(length, 0xaa),
  now: 0,
}
const challenge = (change: { flags?: number; targetInfo?: Buffer } = {}): Buffer =>
  encodeChallenge({
    flags: (change.flags ?? offered | flags.targetInfo) >>> 0,
    serverChallenge: Buffer.alloc(8, 1),
    targetName: Buffer.from('SERVER', 'utf16le'),
    targetInfo: change.targetInfo ?? encodeTargetInfo([{ id: attribute.computer, value: Buffer.from('SERVER', 'utf16le') }, { id: attribute.timestamp, value: Buffer.alloc(8, 3) }]),
  })

describe('a sealed session', () => {
  test('both directions keep their own order', () => {
    property(fc.property(fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 200 }))), (messages) => {
      const [client, server] = [createNtlmSession(key, 'client'), createNtlmSession(key, 'server')]
      for (const [up, message] of messages) {
        const [from, to] = up ? [client, server] : [server, client]
        const sealed = from.seal(message)
        expect(to.unseal(sealed.signature, sealed.data)).toEqual(Buffer.from(message))
      }
    }))
  })

  test.each(['signature', 'data'] as const)('a changed bit in the %s is refused', (part) => {
    const sealed = createNtlmSession(key, 'client').seal(Buffer.from('some message'))
    sealed[part][5]! ^= 1
    expect(() => createNtlmSession(key, 'server').unseal(sealed.signature, sealed.data)).toThrow(SealError)
  })

  test('a replayed, a skipped and a cut message are refused', () => {
    const client = createNtlmSession(key, 'client')
    const [first, second] = [client.seal(Buffer.from('one')), client.seal(Buffer.from('two'))]
    const replayed = createNtlmSession(key, 'server')
    replayed.unseal(first.signature, first.data)
    expect(() => replayed.unseal(first.signature, first.data)).toThrow(SealError)
    expect(() => createNtlmSession(key, 'server').unseal(second.signature, second.data)).toThrow(SealError)
    expect(() => createNtlmSession(key, 'server').unseal(first.signature.subarray(0, 15), first.data)).toThrow(SealError)
  })
})

describe('the client', () => {
  test('its first message has the version, and asks for all that it will demand', () => {
    expect(negotiateMessage()).toHaveLength(40)
    expect(decodeNegotiate(negotiateMessage()).flags).toBe(0xe2088235)
  })

  test.each(['unicode', 'sign', 'seal', 'extendedSessionSecurity', 'key128', 'keyExchange'] as const)('a challenge without %s is a downgrade, refused', (name) => {
    expect(() => answerChallenge(challenge({ flags: (offered | flags.targetInfo) & ~flags[name] }), login)).toThrow(DowngradeError)
  })

  test('sends MIC, the server name and no LM response when the server sent its time', () => {
    const { message } = answerChallenge(challenge(), login)
    const sent = decodeAuthenticate(message)
    expect(sent.lmResponse).toEqual(Buffer.alloc(24))
    expect(message.subarray(72, 88)).not.toEqual(Buffer.alloc(16))
    const info = decodeTargetInfo(sent.ntResponse.subarray(44))
    expect(Buffer.from(findAttribute(info, attribute.targetName)!).toString('utf16le')).toBe('HTTP/host')
    expect(findAttribute(info, attribute.flags)).toEqual(Buffer.from([2, 0, 0, 0]))
    expect(findAttribute(info, attribute.channelBindings)).toEqual(Buffer.alloc(16))
  })

  test('attributes that a server has no business to send are replaced, not repeated', () => {
    const targetInfo = encodeTargetInfo([{ id: attribute.channelBindings, value: Buffer.alloc(16, 9) }, { id: attribute.targetName, value: Buffer.from('x') }, { id: attribute.flags, value: Buffer.alloc(4) }])
    const info = decodeTargetInfo(decodeAuthenticate(answerChallenge(challenge({ targetInfo }), login).message).ntResponse.subarray(44))
    expect(info.map(({ id }) => id)).toEqual([attribute.channelBindings, attribute.targetName])
  })

  test('random bytes, and valid messages cut or changed, give a format error and nothing else', () => {
    const valid = challenge()
    const attempt = (bytes: Uint8Array): void => {
      try {
        answerChallenge(bytes, login)
      } catch (error) {
        expect(error instanceof NtlmFormatError || error instanceof DowngradeError).toBe(true)
      }
    }
    property(fc.property(fc.uint8Array({ maxLength: 120 }), attempt))
    property(fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (at, value, cut) => {
      const bytes = Buffer.from(valid)
      bytes[at] = value
      attempt(bytes.subarray(0, cut))
      attempt(bytes)
    }))
  })

  test('a field that points outside of the message is refused', () => {
    const bytes = challenge()
    bytes.writeUInt32LE(0xffff_fff0, 44)
    expect(() => decodeChallenge(bytes)).toThrow(NtlmFormatError)
  })
})
