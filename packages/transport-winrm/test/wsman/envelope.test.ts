import { describe, expect, test } from 'vitest'
import { buildEnvelope, duration, type EnvelopeContext } from '../../src/wsman/envelope.js'
import { action, ns } from '../../src/wsman/namespaces.js'
import { commandRequest, createRequest, deleteRequest, receiveRequest, sendRequest, signalRequest } from '../../src/wsman/shell-requests.js'
import { child, children, descendant, parseXml, XmlError } from '../../src/wsman/xml.js'

const context: EnvelopeContext = { to: 'http://h:5985/wsman?a=1&b=2', messageId: 'AB', sessionId: 'CD', maxEnvelopeSize: 153_600, operationTimeout: 60_000 }
const shell = new Map([['ShellId', 'S-1']])

describe('an envelope', () => {
  const parsed = parseXml(buildEnvelope(createRequest({ codepage: 65001, noProfile: false, env: new Map([['A&B', '<x>"\r\n']]), cwd: 'C:\\a b' }), context))
  const header = child(parsed, ns.soap, 'Header')

  test('has every header of WS-Management', () => {
    expect(child(header, ns.addressing, 'To')?.text).toBe(context.to)
    expect(child(header, ns.addressing, 'Action')?.text).toBe(action.create)
    expect(child(header, ns.addressing, 'MessageID')?.text).toBe('uuid:AB')
    expect(child(header, ns.wsman, 'MaxEnvelopeSize')?.text).toBe('153600')
    expect(child(header, ns.wsman, 'OperationTimeout')?.text).toBe('PT60S')
    expect(child(header, ns.microsoft, 'SessionId')?.text).toBe('uuid:CD')
    expect(children(child(header, ns.wsman, 'OptionSet'), ns.wsman, 'Option').map((one) => [one.attributes.get('Name'), one.text])).toEqual([['WINRS_NOPROFILE', 'FALSE'], ['WINRS_CODEPAGE', '65001']])
  })

  test('carries names and values unchanged', () => {
    const variable = descendant(parsed, ns.shell, 'Variable')
    expect(variable?.attributes.get('Name')).toBe('A&B')
    expect(variable?.text).toBe('<x>"\r\n')
    expect(descendant(parsed, ns.shell, 'WorkingDirectory')?.text).toBe('C:\\a b')
  })

  test.each([
    ['Command', commandRequest(shell, 'C', 'echo a & b')],
    ['Send', sendRequest(shell, 'C', Buffer.from('x'), true)],
    ['Receive', receiveRequest(shell, 'C')],
    ['Signal', signalRequest(shell, 'C', 'terminate')],
    ['Delete', deleteRequest(shell)],
  ])('%s names its shell', (name, request) => {
    const envelope = parseXml(buildEnvelope(request, context))
    expect(descendant(envelope, ns.wsman, 'Selector')?.text).toBe('S-1')
    expect(descendant(envelope, ns.addressing, 'Action')?.text.endsWith(`/${name}`)).toBe(true)
  })

  test('the last piece of stdin says so', () => {
    const stream = (end: boolean): string | undefined => descendant(parseXml(buildEnvelope(sendRequest(shell, 'C', Buffer.from('x'), end), context)), ns.shell, 'Stream')?.attributes.get('End')
    expect([stream(false), stream(true)]).toEqual([undefined, 'true'])
  })

  test.each(['a\0b', 'a\u0007', '\ud800', '\uffff'])('%j cannot travel and is refused', (line) => {
    expect(() => commandRequest(shell, 'C', line)).toThrow(XmlError)
  })

  test.each([[60_000, 'PT60S'], [1500, 'PT1.5S'], [2000, 'PT2S'], [100, 'PT0.1S']])('%d ms is %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text)
  })
})
