import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstRoundTrip, measured } from '../../src/channel/round-trip.js'
import { clientKeys, seal, unseal } from '../../src/codec/encryption.js'
import { decodeMessage, encodeMessage } from '../../src/codec/message.js'
import { decodeAcknowledgement, decodeChallenge, decodeExitCode, decodeHandshakeRequest, encodeAcknowledgement, encodeChallenge, encodeFlag, encodeHandshakeResponse, encodeSize } from '../../src/codec/payload.js'
import vectors from '../vectors/ssm-session.json' with { type: 'json' }

const official = vectors.frames.filter(({ from }) => from.startsWith('official-'))

describe('frames of the official programs', () => {
  test('there are some', () => { expect(official.length).toBeGreaterThanOrEqual(40) })
  test.each(official.map((frame, index) => ({ index, ...frame })))('$index $from $fields.messageType', ({ hex, fields }) => {
    const bytes = Buffer.from(hex, 'hex')
    const decoded = decodeMessage(bytes)
    if (!decoded.ok) throw new Error(decoded.reason)
    expect(decoded.message).toEqual({
      type: fields.messageType, created: fields.createdDate, sequence: fields.sequenceNumber, flags: fields.flags, id: fields.messageId,
      payloadType: fields.payloadType, payload: Buffer.from(fields.payloadHex, 'hex'),
    })
    expect(encodeMessage(decoded.message).toString('hex')).toBe(hex)
  })
  test('their acks, byte for byte', () => {
    const acks = official.filter(({ fields }) => fields.messageType === 'acknowledge')
    expect(acks.length).toBeGreaterThan(3)
    for (const { fields } of acks) {
      const payload = Buffer.from(fields.payloadHex, 'hex')
      const ack = decodeAcknowledgement(payload)
      expect(ack === undefined ? '' : encodeAcknowledgement(ack).toString()).toBe(payload.toString())
    }
  })
  test('their handshake, byte for byte', () => {
    const response = official.find(({ fields }) => fields.payloadType === 6)
    expect(encodeHandshakeResponse('1.2.0.0', [{ name: 'SessionType', status: 1, result: null, error: '' }]).toString()).toBe(Buffer.from(response?.fields.payloadHex ?? '', 'hex').toString())
    for (const { fields } of official.filter(({ fields: one }) => one.payloadType === 5)) {
      const request = decodeHandshakeRequest(Buffer.from(fields.payloadHex, 'hex'))
      expect(request?.agentVersion).toMatch(/^3\./)
      expect(request?.actions[0]).toMatchObject({ type: 'SessionType' })
    }
  })
})

describe('frames that lie', () => {
  const expectation = new Map([
    ['space padded type', true], ['NUL padded type', true], ['type NUL-padded on the LEFT', true], ['payload digest mismatch', false], ['zero-length payload', true],
    ['two bytes more than payloadLength', false], ['truncated header (119 bytes)', false], ['headerLength 0', false], ['createdDate 0', false], ['headerLength 118 (future longer header)', true],
  ])
  test.each(vectors.syntheticEdgeCases)('$name', ({ name, hex }) => {
    expect(decodeMessage(Buffer.from(hex, 'hex')).ok).toBe(expectation.get(name))
  })
  test('every frame, cut at every byte, is refused', () => {
    const bytes = Buffer.from(official.find(({ fields }) => fields.payloadLength > 100)?.hex ?? '', 'hex')
    for (let length = 0; length < bytes.byteLength; length++) expect(decodeMessage(bytes.subarray(0, length)).ok).toBe(false)
  })
  test('a frame of ten million bytes is refused before it is hashed', () => {
    expect(decodeMessage(Buffer.alloc(10_000_000))).toEqual({ ok: false, reason: 'too-long' })
  })
  test('any bytes: nothing throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeMessage(bytes)))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      decodeAcknowledgement(bytes)
      decodeHandshakeRequest(bytes)
      decodeChallenge(bytes)
      decodeExitCode(bytes)
    }))
  })
  test('any message comes back', () => {
    const messages = fc.record({
      type: fc.constantFrom('input_stream_data', 'output_stream_data', 'acknowledge'), created: fc.integer({ min: 1, max: 2 ** 45 }), sequence: fc.nat(), flags: fc.nat({ max: 3 }),
      id: fc.uuid(), payloadType: fc.nat({ max: 12 }), payload: fc.uint8Array({ maxLength: 1_100 }).map((bytes) => Buffer.from(bytes)),
    })
    fc.assert(fc.property(messages, (message) => { expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, message }) }))
  })
})

test('the time before a message is sent again', () => {
  let state = firstRoundTrip
  for (const { sampleMs, rtt, rttvar, rto } of vectors.retransmissionTimeoutReference.steps) {
    if (sampleMs !== null) state = measured(state, sampleMs)
    expect(state).toEqual({ mean: rtt, variation: rttvar, timeout: rto })
  }
})

describe('other payloads', () => {
  test('exit codes are text', () => {
    expect([decodeExitCode(Buffer.from('EXIT_CODE: 3')), decodeExitCode(Buffer.from('EXIT_CODE: -1')), decodeExitCode(Buffer.from([0, 0, 0, 3]))]).toEqual([3, -1, undefined])
  })
  test('size and flags', () => {
    expect(encodeSize(120, 40).toString()).toBe('{"cols":120,"rows":40}')
    expect(encodeFlag(2)).toEqual(Buffer.from([0, 0, 0, 2]))
  })
})

describe('encryption', () => {
  interface Event { readonly kind: string; readonly op?: string; readonly from?: string; readonly hex?: string; readonly plaintextHex?: string }
  const events: readonly Event[] = vectors.kms.events
  const keys = clientKeys(Buffer.from(events.find((event) => event.op === 'GenerateDataKey')?.plaintextHex ?? '', 'hex'))
  const payloads = (from: string, kind: number) => events.filter((event) => event.from === from && event.hex !== undefined).flatMap((event) => {
    const decoded = decodeMessage(Buffer.from(event.hex ?? '', 'hex'))
    return decoded.ok && decoded.message.payloadType === kind ? [decoded.message.payload] : []
  })
  test('the official agent’s challenge is opened with the right half of the key', () => {
    const challenge = decodeChallenge(payloads('agent', 8)[0] ?? Buffer.alloc(0))
    const plain = unseal(keys.decrypt, challenge ?? Buffer.alloc(0))
    expect(plain?.byteLength).toBe(64)
    const answer = decodeChallenge(payloads('client', 9)[0] ?? Buffer.alloc(0))
    expect(unseal(keys.encrypt, answer ?? Buffer.alloc(0))).toEqual(plain)
    expect(decodeChallenge(encodeChallenge(challenge ?? Buffer.alloc(0)))).toEqual(challenge)
  })
  test('its output opens, and what is one byte wrong does not', () => {
    const sealed = payloads('agent', 1)[0] ?? Buffer.alloc(0)
    expect(unseal(keys.decrypt, sealed)?.byteLength).toBe(sealed.byteLength - 28)
    const broken = Buffer.from(sealed)
    broken.writeUInt8(broken.readUInt8(20) ^ 1, 20)
    expect(unseal(keys.decrypt, broken)).toBeUndefined()
    expect(unseal(keys.decrypt, sealed.subarray(0, 27))).toBeUndefined()
  })
  test('what is sealed here opens here', () => {
    expect(unseal(keys.encrypt, seal(keys.encrypt, Buffer.alloc(12, 7), Buffer.from('hello')))?.toString()).toBe('hello')
  })
})
