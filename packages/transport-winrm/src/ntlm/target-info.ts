// The list of attributes (AV pairs, MS-NLMP §2.2.2.1) that server and client exchange.
import { NtlmFormatError } from './wire.js'

export const attribute = { end: 0, computer: 1, domain: 2, dnsComputer: 3, dnsDomain: 4, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const

export interface Attribute {
  readonly id: number
  readonly value: Uint8Array
}

export function decodeTargetInfo(bytes: Uint8Array): readonly Attribute[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const attributes: Attribute[] = []
  for (let at = 0; ; ) {
    if (at + 4 > buffer.length) throw new NtlmFormatError('target info has no end')
    const id = buffer.readUInt16LE(at)
    const length = buffer.readUInt16LE(at + 2)
    if (id === attribute.end) return attributes
    if (at + 4 + length > buffer.length) throw new NtlmFormatError('target info is cut off')
    attributes.push({ id, value: buffer.subarray(at + 4, at + 4 + length) })
    at += 4 + length
  }
}

export function encodeTargetInfo(attributes: readonly Attribute[]): Buffer {
  const parts = attributes.flatMap(({ id, value }) => [pairHeader(id, value.length), value])
  return Buffer.concat([...parts, pairHeader(attribute.end, 0)])
}

export function findAttribute(attributes: readonly Attribute[], id: number): Uint8Array | undefined {
  return attributes.find((one) => one.id === id)?.value
}

function pairHeader(id: number, length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(id)
  bytes.writeUInt16LE(length, 2)
  return bytes
}
