// SPNEGO's two tokens (RFC 4178, MS-SPNG).
import { decodeOid, DerError, encodeElement, encodeOid, expectTag, readElement, readElements, type DerElement } from './der.js'

export const mechanism = { ntlm: '1.3.6.1.4.1.311.2.2.10', kerberos: '1.2.840.113554.1.2.2', microsoftKerberos: '1.2.840.48018.1.2.2' } as const
const spnego = '1.3.6.1.5.5.2'

export interface NegTokenInit {
  readonly mechanisms: readonly string[]
  readonly mechToken: Uint8Array | undefined
  readonly mechListMic: Uint8Array | undefined
}

export type NegState = 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic'
const states: readonly NegState[] = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic']

export interface NegTokenResp {
  readonly state: NegState | undefined
  readonly mechanism: string | undefined
  readonly responseToken: Uint8Array | undefined
  readonly mechListMic: Uint8Array | undefined
}

/** What a mechListMIC signs: the list as it was offered. */
export function encodeMechanismList(mechanisms: readonly string[]): Buffer {
  return encodeElement(0x30, ...mechanisms.map(encodeOid))
}

export function encodeNegTokenInit(mechanisms: readonly string[], mechToken: Uint8Array): Buffer {
  const fields = [encodeElement(0xa0, encodeMechanismList(mechanisms)), encodeElement(0xa2, encodeElement(0x04, mechToken))]
  return encodeElement(0x60, encodeOid(spnego), encodeElement(0xa0, encodeElement(0x30, ...fields)))
}

export function encodeNegTokenResp(token: Partial<NegTokenResp>): Buffer {
  const fields: Buffer[] = []
  if (token.state !== undefined) fields.push(encodeElement(0xa0, encodeElement(0x0a, Buffer.of(states.indexOf(token.state)))))
  if (token.mechanism !== undefined) fields.push(encodeElement(0xa1, encodeOid(token.mechanism)))
  if (token.responseToken !== undefined) fields.push(encodeElement(0xa2, encodeElement(0x04, token.responseToken)))
  if (token.mechListMic !== undefined) fields.push(encodeElement(0xa3, encodeElement(0x04, token.mechListMic)))
  return encodeElement(0xa1, encodeElement(0x30, ...fields))
}

export function decodeNegTokenInit(bytes: Uint8Array): NegTokenInit {
  const [oid, inner] = readElements(only(bytes, 0x60))
  if (decodeOid(expectTag(oid, 0x06).value) !== spnego) throw new DerError('not a SPNEGO token')
  const fields = fieldsOf(expectTag(inner, 0xa0).value)
  const list = fields.get(0xa0)
  return {
    mechanisms: list === undefined ? [] : readElements(only(list, 0x30)).map((one) => decodeOid(expectTag(one, 0x06).value)),
    mechToken: octets(fields.get(0xa2)),
    mechListMic: octets(fields.get(0xa3)),
  }
}

export function decodeNegTokenResp(bytes: Uint8Array): NegTokenResp {
  const fields = fieldsOf(only(bytes, 0xa1))
  const state = fields.get(0xa0)
  const oid = fields.get(0xa1)
  return {
    state: state === undefined ? undefined : states[only(state, 0x0a)[0] ?? -1],
    mechanism: oid === undefined ? undefined : decodeOid(only(oid, 0x06)),
    responseToken: octets(fields.get(0xa2)),
    mechListMic: octets(fields.get(0xa3)),
  }
}

function only(bytes: Uint8Array, tag: number): Uint8Array {
  return expectTag(readElement(bytes), tag).value
}

function fieldsOf(sequence: Uint8Array): ReadonlyMap<number, Uint8Array> {
  return new Map(readElements(only(sequence, 0x30)).map((element: DerElement) => [element.tag, element.value]))
}

function octets(field: Uint8Array | undefined): Uint8Array | undefined {
  return field === undefined ? undefined : only(field, 0x04)
}
