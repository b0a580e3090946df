import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ns } from '../../src/wsman/namespaces.js'
import { readCommandId, readIdentity, readMaxEnvelopeKilobytes, readReceived, readReply, ReplyError, readShellId } from '../../src/wsman/replies.js'
import { parseXml, XmlError } from '../../src/wsman/xml.js'
import { property } from '../support/property.js'

/** An answer as another implementation writes it: prefixes of its own. */
const envelope = (body: string, header = ''): string =>
  `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${ns.soap}" xmlns:wsa="${ns.addressing}" xmlns:wsman="${ns.wsman}" xmlns:r="${ns.shell}" xmlns:f="${ns.fault}"><SOAP-ENV:Header>${header}</SOAP-ENV:Header><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`
const body = (xml: string) => readReply(envelope(xml)).body

describe('replies are read by namespace', () => {
  test('whom they answer', () => {
    expect(readReply(envelope('', '<wsa:RelatesTo>uuid:AB</wsa:RelatesTo>')).relatesTo).toBe('uuid:AB')
  })

  test('the selectors of a new shell', () => {
    const xml = `<x:ResourceCreated xmlns:x="${ns.transfer}"><wsa:ReferenceParameters><wsman:SelectorSet><wsman:Selector Name="ShellId">ID</wsman:Selector><wsman:Selector Name="Other">2</wsman:Selector></wsman:SelectorSet></wsa:ReferenceParameters></x:ResourceCreated>`
    expect([...readShellId(body(xml))]).toEqual([['ShellId', 'ID'], ['Other', '2']])
    expect([...readShellId(body('<r:Shell><r:ShellId>ID</r:ShellId></r:Shell>'))]).toEqual([['ShellId', 'ID']])
    expect(() => readShellId(body('<r:Shell/>'))).toThrow(ReplyError)
  })

  test('a command', () => {
    expect(readCommandId(body('<r:CommandResponse><r:CommandId> C </r:CommandId></r:CommandResponse>'))).toBe('C')
    expect(() => readCommandId(body('<r:CommandResponse/>'))).toThrow(ReplyError)
  })

  const receive = (state: string, streams = ''): string => `<r:ReceiveResponse>${streams}<r:CommandState CommandId="C" State="${ns.shell}/CommandState/${state}</r:CommandState></r:ReceiveResponse>`

  test('output in many pieces, and the end', () => {
    const xml = receive('Done"><r:ExitCode>5</r:ExitCode>', '<r:Stream Name="stdout" CommandId="C">w6Q=</r:Stream><r:Stream Name="stderr" CommandId="C">eA==</r:Stream><r:Stream Name="stdout" End="true"/>')
    expect(readReceived(body(xml))).toEqual({ output: [{ stream: 'stdout', data: Buffer.from('ä') }, { stream: 'stderr', data: Buffer.from('x') }], done: true, exitCode: 5 })
  })

  test.each([
    ['4294967295', -1],
    ['-1', -1],
    ['3221225477', -1073741819],
    ['2147483647', 2147483647],
  ])('exit code %s is %d, signed or not', (text, exitCode) => {
    expect(readReceived(body(receive(`Done"><r:ExitCode>${text}</r:ExitCode>`))).exitCode).toBe(exitCode)
  })

  test('Done without a code, and without output', () => {
    expect(readReceived(body(receive('Done">')))).toEqual({ output: [], done: true, exitCode: null })
    expect(readReceived(body(receive('Running">'))).done).toBe(false)
  })

  test.each(['Done"><r:ExitCode>x</r:ExitCode>', 'Done"><r:ExitCode>99999999999</r:ExitCode>'])('%s is refused', (state) => {
    expect(() => readReceived(body(receive(state)))).toThrow(ReplyError)
  })

  test('output that is not base64 is refused', () => {
    expect(() => readReceived(body(receive('Running">', '<r:Stream Name="stdout">a*b</r:Stream>')))).toThrow(ReplyError)
  })

  test('the size of the largest message', () => {
    expect(readMaxEnvelopeKilobytes(body(`<c:Config xmlns:c="${ns.config}"><c:MaxEnvelopeSizekb>500</c:MaxEnvelopeSizekb></c:Config>`))).toBe(500)
    expect(readMaxEnvelopeKilobytes(body('<x/>'))).toBeUndefined()
  })

  test('Identify, in whatever namespace', () => {
    expect(readIdentity(body('<SOAP-ENV:IdentifyResponse><SOAP-ENV:ProductVendor>Open Management Infrastructure</SOAP-ENV:ProductVendor></SOAP-ENV:IdentifyResponse>'))?.vendor).toBe('Open Management Infrastructure')
  })
})

describe('faults', () => {
  test('with Windows’ number and text', () => {
    const xml = `<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>s:Receiver</SOAP-ENV:Value><SOAP-ENV:Subcode><SOAP-ENV:Value>w:TimedOut</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="">reason</SOAP-ENV:Text></SOAP-ENV:Reason><SOAP-ENV:Detail><f:WSManFault Code="2150858793" Machine="h"><f:Message>The operation\n timed <b>out</b>.</f:Message></f:WSManFault></SOAP-ENV:Detail></SOAP-ENV:Fault>`
    expect(readReply(envelope(xml)).fault).toMatchObject({ faultNumber: 2150858793, subcode: 'TimedOut', message: 'The operation timed .out' })
  })

  test('of quotas, as a WMI object', () => {
    const xml = `<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>s:Receiver</SOAP-ENV:Value></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text>x</SOAP-ENV:Text></SOAP-ENV:Reason><SOAP-ENV:Detail><p:MSFT_WmiError xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/hardware/cimv2/MSFT_WmiError"><p:error_Code>2150859174</p:error_Code><p:Message>too many operations</p:Message></p:MSFT_WmiError></SOAP-ENV:Detail></SOAP-ENV:Fault>`
    expect(readReply(envelope(xml)).fault).toMatchObject({ faultNumber: 2150859174, message: 'too many operations' })
  })

  test('without any detail', () => {
    expect(readReply(envelope('<SOAP-ENV:Fault/>')).fault).toMatchObject({ faultNumber: undefined, message: 'WS-Management fault' })
  })
})

describe('hostile XML', () => {
  test.each([
    ['a billion laughs', '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['an unknown entity', '<a>&x;</a>'],
    ['an unbound prefix', '<a:b/>'],
    ['nothing', ''],
    ['two roots', '<a/><b/>'],
    ['an open end', '<a><b></a>'],
  ])('%s is refused', (_, text) => {
    expect(() => parseXml(text)).toThrow(XmlError)
  })

  test('size, number and depth are bounded', () => {
    const limits = { characters: 1000, elements: 10, depth: 5 }
    expect(() => parseXml(`<a>${' '.repeat(1000)}</a>`, limits)).toThrow('1000 characters')
    expect(() => parseXml(`<a>${'<b/>'.repeat(10)}</a>`, limits)).toThrow('10 elements')
    expect(() => parseXml('<a><a><a><a><a><a/></a></a></a></a></a>', limits)).toThrow('5 deep')
  })

  test('damage gives XmlError or ReplyError and nothing else', () => {
    const valid = envelope('<r:CommandResponse><r:CommandId>C</r:CommandId></r:CommandResponse>')
    property(fc.property(fc.nat(valid.length), fc.string({ maxLength: 5 }), fc.nat(20), (at, insert, cut) => {
      try {
        readCommandId(readReply(valid.slice(0, at) + insert + valid.slice(at + cut)).body)
      } catch (error) {
        expect(error instanceof XmlError || error instanceof ReplyError).toBe(true)
      }
    }))
  })
})
