// What comes back: an envelope checked against its request, and the bodies of WinRS' answers.
import { readFault, type WsmanFault } from './fault.js'
import type { ShellId } from './shell-requests.js'
import { ns } from './namespaces.js'
import { child, children, descendant, parseXml, XmlError, type XmlElement } from './xml.js'

export interface Reply {
  readonly body: XmlElement
  readonly fault: WsmanFault | undefined
  readonly relatesTo: string | undefined
}

export class ReplyError extends Error {
  override readonly name = 'ReplyError'
}

export function readReply(text: string): Reply {
  const envelope = parseXml(text)
  const body = child(envelope, ns.soap, 'Body')
  if (envelope.name !== 'Envelope' || envelope.uri !== ns.soap || body === undefined) throw new XmlError('the reply is not a SOAP envelope')
  return { body, fault: readFault(body), relatesTo: child(child(envelope, ns.soap, 'Header'), ns.addressing, 'RelatesTo')?.text.trim() }
}

/** The new shell, by the selectors with which it wants to be called. */
export function readShellId(body: XmlElement): ShellId {
  const selectors = children(descendant(body, ns.wsman, 'SelectorSet'), ns.wsman, 'Selector')
  const given = selectors.map((one): [string, string] => [one.attributes.get('Name') ?? '', one.text.trim()])
  const inShell = descendant(body, ns.shell, 'ShellId')?.text.trim()
  const id = new Map(given.length > 0 ? given : inShell === undefined ? [] : [['ShellId', inShell]])
  if (!id.has('ShellId')) throw new ReplyError('the reply to Create names no shell')
  return id
}

export function readCommandId(body: XmlElement): string {
  const id = child(child(body, ns.shell, 'CommandResponse'), ns.shell, 'CommandId')?.text.trim()
  if (id === undefined || id === '') throw new ReplyError('the reply to Command names no command')
  return id
}

export interface Received {
  readonly output: readonly { readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }[]
  /** The command has ended. */
  readonly done: boolean
  /** As a signed number of 32 bits, as cmd and PowerShell show it; null: the far side did not say. */
  readonly exitCode: number | null
}

export function readReceived(body: XmlElement): Received {
  const response = child(body, ns.shell, 'ReceiveResponse')
  if (response === undefined) throw new ReplyError('the reply to Receive is none')
  const output = children(response, ns.shell, 'Stream').flatMap((element): Received['output'] => {
    const stream = element.attributes.get('Name')
    const text = element.text.replace(/\s+/g, '')
    if (text === '' || (stream !== 'stdout' && stream !== 'stderr')) return []
    if (!base64.test(text)) throw new ReplyError(`the ${stream} in a reply is not base64`)
    return [{ stream, data: Buffer.from(text, 'base64') }]
  })
  const state = child(response, ns.shell, 'CommandState')
  const done = state?.attributes.get('State')?.endsWith('/Done') ?? false
  return { output, done, exitCode: readExitCode(child(state, ns.shell, 'ExitCode')?.text.trim()) }
}

/** Kilobytes of the largest message that the service takes. */
export function readMaxEnvelopeKilobytes(body: XmlElement): number | undefined {
  const text = descendant(body, ns.config, 'MaxEnvelopeSizekb')?.text.trim()
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined
}

export interface Identity {
  readonly vendor: string | undefined
  readonly version: string | undefined
}

/** Some services put the answer into a namespace that is not its own: by name alone. */
export function readIdentity(body: XmlElement): Identity | undefined {
  const response = body.children.find(({ name }) => name === 'IdentifyResponse')
  const value = (wanted: string): string | undefined => response?.children.find(({ name }) => name === wanted)?.text.trim()
  return response === undefined ? undefined : { vendor: value('ProductVendor'), version: value('ProductVersion') }
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

function readExitCode(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  if (!/^-?\d{1,10}$/.test(text)) throw new ReplyError(`the exit code ${JSON.stringify(text.slice(0, 40))} is no number`)
  return Number(text) | 0
}
