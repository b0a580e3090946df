// The few encodings of RFC 4251 that we read and write ourselves. Pure. A length is the peer's word: bounds are checked before slicing.
import { createHash } from 'node:crypto'

/** Reads strings and numbers out of an SSH blob; throws RangeError at the end of the bytes. */
export class WireReader {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0)
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64BE(0)
  }

  string(): Buffer {
    return this.take(this.uint32())
  }

  text(): string {
    return this.string().toString('utf8')
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new RangeError('the SSH data ends too early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function wireString(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([uint32(bytes.length), bytes])
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** `MD5:aa:bb:…`, which old inventories still hold. */
export function fingerprintMd5(key: Uint8Array): string {
  const hex = createHash('md5').update(key).digest('hex')
  return `MD5:${hex.replace(/..(?=.)/g, '$&:')}`
}

/** The type that a public key's blob names itself, e.g. `ssh-ed25519`; empty for bytes that are no key. */
export function keyTypeOf(key: Uint8Array): string {
  try {
    return new WireReader(key).text()
  } catch {
    return ''
  }
}

/** Bits of an RSA key's modulus; undefined for other types. */
export function rsaBits(key: Uint8Array): number | undefined {
  const reader = new WireReader(key)
  if (reader.text() !== 'ssh-rsa') return undefined
  reader.string()
  const modulus = reader.string()
  const first = modulus.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (modulus.length - first) * 8 - Math.clz32(modulus[first] ?? 0) + 24
}
