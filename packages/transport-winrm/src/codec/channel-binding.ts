// tls-server-end-point (RFC 5929): a hash of the server's certificate, by which a login is bound to this very TLS channel.
import { createHash } from 'node:crypto'
import { decodeOid, expectTag, readElement, readElements, type DerElement } from './der.js'

/** Hash of a certificate's signature, by its OID; MD5 and SHA-1 count as SHA-256. */
const hashOf: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.4', 'sha256'],
  ['1.2.840.113549.1.1.5', 'sha256'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.113549.1.1.14', 'sha224'],
  ['1.2.840.10045.4.1', 'sha256'],
  ['1.2.840.10045.4.3.1', 'sha224'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
])
const pss = '1.2.840.113549.1.1.10'
const pssHash: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
])

/** `tls-server-end-point:` and the hash; undefined where RFC 5929 defines none (Ed25519). */
export function endPointBinding(certificate: Uint8Array): Buffer | undefined {
  const [, algorithm] = readElements(expectTag(readElement(certificate), 0x30).value)
  const [oid, parameters] = readElements(expectTag(algorithm, 0x30).value)
  const name = decodeOid(expectTag(oid, 0x06).value)
  const hash = name === pss ? pssHashName(parameters) : hashOf.get(name)
  if (hash === undefined) return undefined
  return Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), createHash(hash).update(certificate).digest()])
}

/** The attribute that NTLM sends: MD5 of a `gss_channel_bindings_struct` without addresses. */
export function ntlmBinding(binding: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(binding.length)
  return createHash('md5').update(Buffer.alloc(16)).update(length).update(binding).digest()
}

/** RSA-PSS names its hash in the parameters; the default is SHA-1, which counts as SHA-256. */
function pssHashName(parameters: DerElement | undefined): string | undefined {
  if (parameters === undefined) return 'sha256'
  const hash = readElements(expectTag(parameters, 0x30).value).find(({ tag }) => tag === 0xa0)
  if (hash === undefined) return 'sha256'
  const [oid] = readElements(expectTag(readElement(hash.value), 0x30).value)
  return pssHash.get(decodeOid(expectTag(oid, 0x06).value)) ?? 'sha256'
}
