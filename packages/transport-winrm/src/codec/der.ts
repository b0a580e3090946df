// The little of ASN.1's DER that SPNEGO tokens and certificates need. Lengths are the peer's word: every one is checked.

export interface DerElement {
  readonly tag: number
  /** Contents alone. */
  readonly value: Uint8Array
  /** Tag, length and contents. */
  readonly bytes: Uint8Array
}

export class DerError extends Error {
  override readonly name = 'DerError'
}

/** The elements that follow one another in `bytes`, which they must fill. */
export function readElements(bytes: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = []
  for (let at = 0; at < bytes.length; ) {
    const element = readElement(bytes, at)
    elements.push(element)
    at += element.bytes.length
  }
  return elements
}

/** The one element at `at`. */
export function readElement(bytes: Uint8Array, at = 0): DerElement {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError('not a DER element')
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (lengthBytes > 4 || first === 0x80) throw new DerError('DER length out of range')
  let length = first < 0x80 ? first : 0
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0)
  const start = at + 2 + lengthBytes
  if (start + length > bytes.length) throw new DerError('DER element is cut off')
  return { tag, value: bytes.subarray(start, start + length), bytes: bytes.subarray(at, start + length) }
}

export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new DerError(`DER tag 0x${tag.toString(16)} was due`)
  return element
}

export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(contents)
  const length: number[] = []
  for (let rest = value.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256)
  const head = value.length < 0x80 ? [tag, value.length] : [tag, 0x80 | length.length, ...length]
  return Buffer.concat([Buffer.from(head), value])
}

/** Dotted form of an object identifier's contents. */
export function decodeOid(value: Uint8Array): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of value) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [head = 0, ...rest] = arcs
  const top = Math.min(Math.floor(head / 40), 2)
  return [top, head - top * 40, ...rest].join('.')
}

export function encodeOid(dotted: string): Buffer {
  const [top = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [top * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80)
    return digits
  })
  return encodeElement(0x06, Buffer.from(bytes))
}
