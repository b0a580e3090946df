import { describe, expect, test } from 'vitest'
import { decodeHandshakeRequest, encodeHandshakeResponse } from '../../src/codec/payload.js'
import { answerHandshake } from '../../src/session/handshake.js'
import { checkStreamUrl } from '../../src/session/stream-url.js'

describe('where the token may go', () => {
  test.each([
    'wss://ssmmessages.eu-central-1.amazonaws.com/v1/data-channel/s-1?role=publish_subscribe',
    'wss://ssmmessages.eu-central-1.amazonaws.com.cn/v1/data-channel/s-1',
    'wss://ssmmessages-fips.eu-central-1.amazonaws.com/',
    'wss://vpce-0123-abc.ssmmessages.eu-central-1.vpce.amazonaws.com/',
  ])('%s', (url) => {
    expect(checkStreamUrl(url, 'eu-central-1', undefined).href).toBe(url)
  })
  test.each([
    'ws://ssmmessages.eu-central-1.amazonaws.com/', 'https://ssmmessages.eu-central-1.amazonaws.com/', 'wss://ssmmessages.us-east-1.amazonaws.com/',
    'wss://ssmmessages.eu-central-1.amazonaws.com.evil.example/', 'wss://evil.example/ssmmessages.eu-central-1.amazonaws.com', 'wss://user:pass@ssmmessages.eu-central-1.amazonaws.com/',
    'wss://ssmmessages.eu-central-1.amazonaws.com:8443/', 'wss://127.0.0.1/', 'no url', '',
  ])('not %s', (url) => {
    expect(() => checkStreamUrl(url, 'eu-central-1', undefined)).toThrow(/its token is not sent there/)
  })
  test('the host of the configured endpoint, without TLS only where that has none', () => {
    expect(checkStreamUrl('ws://127.0.0.1:99/x', 'r', 'http://127.0.0.1:1').port).toBe('99')
    expect(() => checkStreamUrl('ws://ssm.example/x', 'r', 'https://ssm.example')).toThrow(/not wss/)
    expect(() => checkStreamUrl('ws://other.example/x', 'r', 'http://127.0.0.1:1')).toThrow(/not wss/)
  })
})

describe('the handshake', () => {
  const answer = (actions: readonly object[], key?: Uint8Array) => {
    const request = decodeHandshakeRequest(Buffer.from(JSON.stringify({ AgentVersion: '3.3.1142.0', RequestedClientActions: actions })))
    if (request === undefined) throw new Error('not read')
    return answerHandshake(request, '1.2.0.0', key)
  }
  const text = (payload: Uint8Array): string => Buffer.from(payload).toString()
  test('a session type that is known is accepted', () => {
    const { payload, refused } = answer([{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Port', Properties: { portNumber: '22' } } }])
    expect(refused).toBeUndefined()
    expect(text(payload)).toBe(encodeHandshakeResponse('1.2.0.0', [{ name: 'SessionType', status: 1, result: null, error: '' }]).toString())
  })
  test('another one fails, and an unknown action is not supported', () => {
    const { payload, refused } = answer([{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Holo' } }, { ActionType: 'Dance' }])
    expect(JSON.parse(text(payload))).toMatchObject({ ProcessedClientActions: [{ ActionStatus: 2 }, { ActionStatus: 3 }] })
    expect(refused).toMatch(/Holo/)
  })
  test('encryption: the sealed key, and the challenge acknowledged where there is one', () => {
    const kms = { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'k', Challenge: 'Y2g=' } }
    expect(JSON.parse(text(answer([kms], Buffer.from('key')).payload))).toMatchObject({ ProcessedClientActions: [{ ActionStatus: 1, ActionResult: { KMSCipherTextKey: 'a2V5', KMSCipherTextHash: null, ChallengeAcknowledgement: true } }] })
    expect(answer([kms]).refused).toMatch(/key/)
  })
  test('nonsense is no request', () => {
    for (const nonsense of ['', '{}', '[]', 'null', '{"RequestedClientActions":{}}']) expect(decodeHandshakeRequest(Buffer.from(nonsense))).toBeUndefined()
  })
})
