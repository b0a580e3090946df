// The emulated machine's side of WS-Management: reading requests, writing replies and faults.
import { ns } from '../src/wsman/namespaces.js'
import { child, children, descendant, escapeXml, parseXml, type XmlElement } from '../src/wsman/xml.js'

export interface WsmanCall {
  readonly action: string
  readonly messageId: string
  readonly shellId: string | undefined
  readonly options: ReadonlyMap<string, string>
  /** Milliseconds. */
  readonly operationTimeout: number
  readonly maxEnvelopeSize: number
  readonly body: XmlElement
}

export function readCall(text: string): WsmanCall {
  const envelope = parseXml(text)
  const header = child(envelope, ns.soap, 'Header')
  const body = child(envelope, ns.soap, 'Body')
  if (body === undefined) throw new Error('no body')
  const selectors = children(child(header, ns.wsman, 'SelectorSet'), ns.wsman, 'Selector')
  const options = children(child(header, ns.wsman, 'OptionSet'), ns.wsman, 'Option').map((one): [string, string] => [one.attributes.get('Name') ?? '', one.text])
  return {
    action: child(header, ns.addressing, 'Action')?.text.trim() ?? '',
    messageId: child(header, ns.addressing, 'MessageID')?.text.trim() ?? '',
    shellId: selectors.find((one) => one.attributes.get('Name') === 'ShellId')?.text.trim(),
    options: new Map(options),
    operationTimeout: readDuration(child(header, ns.wsman, 'OperationTimeout')?.text ?? 'PT60S'),
    maxEnvelopeSize: Number(child(header, ns.wsman, 'MaxEnvelopeSize')?.text ?? 153_600),
    body,
  }
}

const prefixes = `xmlns:s="${ns.soap}" xmlns:a="${ns.addressing}" xmlns:x="${ns.transfer}" xmlns:w="${ns.wsman}" xmlns:rsp="${ns.shell}" xmlns:p="${ns.microsoft}" xml:lang="en-US"`

export function reply(call: WsmanCall, body: string, relatesTo = call.messageId): string {
  const header = `<a:Action>${escapeXml(call.action)}Response</a:Action><a:MessageID>uuid:EMULATOR</a:MessageID><a:To>${ns.addressing}/role/anonymous</a:To><a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo>`
  return `<s:Envelope ${prefixes}><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
}

export function faultReply(relatesTo: string, number: number, text: string, subcode = 'w:InternalError'): string {
  const fault = `<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>${subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">${escapeXml(text)}</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="${ns.fault}" Code="${number}" Machine="emulator"><f:Message>${escapeXml(text)}</f:Message></f:WSManFault></s:Detail></s:Fault>`
  return `<s:Envelope ${prefixes}><s:Header><a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo></s:Header><s:Body>${fault}</s:Body></s:Envelope>`
}

export function createdBody(shellId: string): string {
  const selectors = `<w:SelectorSet><w:Selector Name="ShellId">${shellId}</w:Selector></w:SelectorSet>`
  const reference = `<a:ReferenceParameters><w:ResourceURI>${ns.shell}/cmd</w:ResourceURI>${selectors}</a:ReferenceParameters>`
  return `<x:ResourceCreated><a:Address>emulator</a:Address>${reference}</x:ResourceCreated><rsp:Shell><rsp:ShellId>${shellId}</rsp:ShellId></rsp:Shell>`
}

export function commandBody(commandId: string): string {
  return `<rsp:CommandResponse><rsp:CommandId>${commandId}</rsp:CommandId></rsp:CommandResponse>`
}

export interface Output {
  readonly stream: 'stdout' | 'stderr'
  readonly data: Buffer
}

/** `exitCode` undefined: it runs on. */
export function receiveBody(commandId: string, output: readonly Output[], exitCode: number | undefined): string {
  const streams = output.map(({ stream, data }) => `<rsp:Stream Name="${stream}" CommandId="${commandId}">${data.toString('base64')}</rsp:Stream>`)
  const ended = ['stdout', 'stderr'].map((stream) => `<rsp:Stream Name="${stream}" CommandId="${commandId}" End="true"/>`).join('')
  const state = exitCode === undefined ? `State="${ns.shell}/CommandState/Running"/>` : `State="${ns.shell}/CommandState/Done"><rsp:ExitCode>${exitCode}</rsp:ExitCode></rsp:CommandState>`
  return `<rsp:ReceiveResponse>${streams.join('')}${exitCode === undefined ? '' : ended}<rsp:CommandState CommandId="${commandId}" ${state}</rsp:ReceiveResponse>`
}

export function configBody(kilobytes: number): string {
  return `<cfg:Config xmlns:cfg="${ns.config}"><cfg:MaxEnvelopeSizekb>${kilobytes}</cfg:MaxEnvelopeSizekb><cfg:MaxTimeoutms>60000</cfg:MaxTimeoutms></cfg:Config>`
}

export function identifyReply(): string {
  return `<s:Envelope xmlns:s="${ns.soap}"><s:Header/><s:Body><wsmid:IdentifyResponse xmlns:wsmid="${ns.identity}"><wsmid:ProtocolVersion>${ns.wsman}</wsmid:ProtocolVersion><wsmid:ProductVendor>train-ts</wsmid:ProductVendor><wsmid:ProductVersion>emulator</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>`
}

/** Text below `name`, wherever it stands in the shell's vocabulary. */
export function shellText(body: XmlElement, name: string): string | undefined {
  return descendant(body, ns.shell, name)?.text
}

function readDuration(text: string): number {
  const seconds = /^PT(?:(\d+)M)?([\d.]+)?S?$/.exec(text.trim())
  return seconds === null ? 60_000 : (Number(seconds[1] ?? 0) * 60 + Number(seconds[2] ?? 0)) * 1000
}
