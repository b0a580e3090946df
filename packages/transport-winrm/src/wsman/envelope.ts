// The SOAP envelope around every request.
import { anonymous, ns } from './namespaces.js'
import { escapeXml } from './xml.js'

export interface WsmanOption {
  readonly name: string
  readonly value: string
}

/** One request, before it gets an envelope. */
export interface WsmanRequest {
  readonly action: string
  readonly resource: string
  /** Which shell it is for. */
  readonly selectors?: ReadonlyMap<string, string>
  readonly options?: readonly WsmanOption[]
  /** XML. Its prefixes: `rsp` the shell's vocabulary. */
  readonly body: string
}

/** What a connection adds. */
export interface EnvelopeContext {
  readonly to: string
  /** Upper-case UUID, new for each request. */
  readonly messageId: string
  readonly sessionId: string
  /** Bytes of the reply. */
  readonly maxEnvelopeSize: number
  /** Milliseconds within which the far side answers or faults. */
  readonly operationTimeout: number
}

const prefixes = `xmlns:s="${ns.soap}" xmlns:a="${ns.addressing}" xmlns:w="${ns.wsman}" xmlns:p="${ns.microsoft}" xmlns:rsp="${ns.shell}"`

export function buildEnvelope(request: WsmanRequest, context: EnvelopeContext): string {
  const header = [
    `<a:To>${escapeXml(context.to)}</a:To>`,
    `<w:ResourceURI s:mustUnderstand="true">${escapeXml(request.resource)}</w:ResourceURI>`,
    `<a:ReplyTo><a:Address s:mustUnderstand="true">${anonymous}</a:Address></a:ReplyTo>`,
    `<a:Action s:mustUnderstand="true">${escapeXml(request.action)}</a:Action>`,
    `<w:MaxEnvelopeSize s:mustUnderstand="true">${context.maxEnvelopeSize}</w:MaxEnvelopeSize>`,
    `<a:MessageID>uuid:${context.messageId}</a:MessageID>`,
    '<w:Locale xml:lang="en-US" s:mustUnderstand="false"/><p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/>',
    `<p:SessionId s:mustUnderstand="false">uuid:${context.sessionId}</p:SessionId>`,
    `<w:OperationTimeout>${duration(context.operationTimeout)}</w:OperationTimeout>`,
    named('w:OptionSet', 'w:Option', request.options ?? []),
    named('w:SelectorSet', 'w:Selector', [...(request.selectors ?? [])].map(([name, value]) => ({ name, value }))),
  ]
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${prefixes}><s:Header>${header.join('')}</s:Header><s:Body>${request.body}</s:Body></s:Envelope>`
}

/** xs:duration. */
export function duration(milliseconds: number): string {
  return `PT${(milliseconds / 1000).toFixed(3).replace(/\.?0+$/, '')}S`
}

function named(set: string, item: string, entries: readonly WsmanOption[]): string {
  if (entries.length === 0) return ''
  return `<${set}>${entries.map(({ name, value }) => `<${item} Name="${escapeXml(name)}">${escapeXml(value)}</${item}>`).join('')}</${set}>`
}
