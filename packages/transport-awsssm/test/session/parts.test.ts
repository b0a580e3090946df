import { describe, expect, test } from 'vitest'
import { encodeHandshakeResponse } from '../../src/codec/payload.js'
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
  const request = (actions: readonly object[]): Buffer => Buffer.from(JSON.stringify({ AgentVersion: '3.3.1142.0', RequestedClientActions: actions }))
  test('a session type that is known is accepted', () => {
    const answer = answerHandshake(request([{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Port', Properties: { portNumber: '22' } } }]), '1.2.0.0')
    expect(answer).toMatchObject({ sessionType: 'Port', agentVersion: '3.3.1142.0', properties: { portNumber: '22' }, refused: undefined })
    expect(Buffer.from(answer?.payload ?? []).toString()).toBe(encodeHandshakeResponse('1.2.0.0', [{ name: 'SessionType', status: 1, result: null, error: '' }]).toString())
  })
  test('another one fails, and an unknown action is not supported', () => {
    const answer = answerHandshake(request([{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Holo' } }, { ActionType: 'Dance' }]), '1')
    expect(JSON.parse(Buffer.from(answer?.payload ?? []).toString())).toMatchObject({ ProcessedClientActions: [{ ActionStatus: 2 }, { ActionStatus: 3 }] })
    expect(answer?.refused).toMatch(/Holo/)
  })
  test('nonsense is no request', () => {
    for (const text of ['', '{}', '[]', 'null', '{"RequestedClientActions":{}}']) expect(answerHandshake(Buffer.from(text), '1')).toBeUndefined()
  })
})
