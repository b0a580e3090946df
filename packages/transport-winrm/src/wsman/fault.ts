// SOAP faults, whatever the HTTP status says.
import { ns } from './namespaces.js'
import { allText, child, descendant, type XmlElement } from './xml.js'

/** Numbers of faults after which we act; the rest is only reported. */
export const faultCode = {
  operationTimeout: 2150858793,
  shellNotFound: 2150858843,
  tooManyOperations: 2150859174,
  tooManyShells: 2150859173,
  profileUnloaded: 2147943418,
  operationAborted: 995,
  busy: 170,
  timedOut: 1460,
  accessDenied: 5,
  /** ERROR_DIRECTORY, as an HRESULT. */
  invalidDirectory: 2147942667,
} as const

export class WsmanFault extends Error {
  override readonly name = 'WsmanFault'
  constructor(
    message: string,
    /** Windows' number, where it gave one. */
    readonly faultNumber: number | undefined,
    /** E.g. `w:TimedOut`, without its prefix. */
    readonly subcode: string | undefined,
  ) {
    super(message)
  }
}

/** The fault in a reply's body, if it is one. */
export function readFault(body: XmlElement): WsmanFault | undefined {
  const fault = child(body, ns.soap, 'Fault')
  if (fault === undefined) return undefined
  const code = child(fault, ns.soap, 'Code')
  const subcode = child(child(code, ns.soap, 'Subcode'), ns.soap, 'Value')?.text.trim().replace(/^.*:/, '')
  const detail = child(fault, ns.soap, 'Detail')
  const windows = descendant(detail, ns.fault, 'WSManFault')
  const wmi = detail === undefined ? undefined : wmiError(detail)
  const number = Number(windows?.attributes.get('Code') ?? wmi?.code ?? Number.NaN)
  const texts = [descendant(windows, ns.fault, 'Message'), child(child(fault, ns.soap, 'Reason'), ns.soap, 'Text')].flatMap((element) => element ?? [])
  const text = [wmi?.message, ...texts.map(allText)].map((one) => one?.replace(/\s+/g, ' ').trim()).find((one) => one !== undefined && one !== '')
  return new WsmanFault(text ?? `WS-Management fault ${subcode ?? ''}`.trim(), Number.isFinite(number) ? number : undefined, subcode)
}

/** Quota errors come as a WMI object whose namespace varies. */
function wmiError(detail: XmlElement): { readonly code: string | undefined; readonly message: string | undefined } | undefined {
  const error = detail.children.find(({ name }) => name === 'MSFT_WmiError')
  if (error === undefined) return undefined
  const value = (wanted: string): string | undefined => error.children.find(({ name }) => name === wanted)?.text
  return { code: value('error_Code'), message: value('Message') }
}
