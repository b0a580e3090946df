// OpenSSH certificates (PROTOCOL.certkeys). Pure.
import { createPublicKey, verify } from 'node:crypto'
import { matchPattern } from './patterns.js'
import { WireReader, keyTypeOf, wireString } from './wire.js'

export interface Certificate {
  /** `ssh-ed25519-cert-v01@openssh.com` */
  readonly type: string
  /** `ssh-ed25519` */
  readonly baseType: string
  readonly blob: Buffer
  /** The key that it vouches for, as a plain public key. */
  readonly publicKey: Buffer
  readonly kind: 'user' | 'host'
  readonly keyId: string
  readonly principals: readonly string[]
  /** Seconds since 1970. */
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly criticalOptions: readonly string[]
  readonly authority: Buffer
  readonly signed: Buffer
  readonly signature: Buffer
}

const suffix = '-cert-v01@openssh.com'

export function isCertificate(blob: Uint8Array): boolean {
  return keyTypeOf(blob).endsWith(suffix)
}

/** undefined for plain keys and for what cannot be read. */
export function readableCertificate(blob: Uint8Array): Certificate | undefined {
  try {
    return isCertificate(blob) ? parseCertificate(blob) : undefined
  } catch {
    return undefined
  }
}

/** The one of `id-cert.pub`. Throws RangeError for what is none. */
export function parseCertificateFile(text: string): Certificate {
  return parseCertificate(Buffer.from(text.trim().split(/\s+/)[1] ?? '', 'base64'))
}

export function parseCertificate(bytes: Uint8Array): Certificate {
  const blob = Buffer.from(bytes)
  const reader = new WireReader(blob)
  const type = reader.text()
  if (!type.endsWith(suffix)) throw new RangeError('this is not an OpenSSH certificate')
  const baseType = type.slice(0, -suffix.length)
  reader.string() // nonce
  const fields = baseType === 'ssh-ed25519' ? 1 : baseType === 'ssh-rsa' || baseType.startsWith('ecdsa-sha2-') ? 2 : undefined
  if (fields === undefined) throw new RangeError(`certificates of type ${type} are not supported`)
  const publicKey = Buffer.concat([wireString(baseType), ...Array.from({ length: fields }, () => wireString(reader.string()))])
  reader.uint64() // serial
  const kind = reader.uint32() === 2 ? 'host' : 'user'
  const keyId = reader.text()
  const principals = strings(reader.string())
  const validAfter = reader.uint64()
  const validBefore = reader.uint64()
  const criticalOptions = pairNames(reader.string())
  reader.string() // extensions: for servers
  reader.string() // reserved
  const authority = reader.string()
  const signed = blob.subarray(0, blob.length - reader.rest.length)
  const signature = reader.string()
  return { type, baseType, blob, publicKey, kind, keyId, principals, validAfter, validBefore, criticalOptions, authority, signed, signature }
}

function strings(bytes: Uint8Array): string[] {
  const reader = new WireReader(bytes)
  const found: string[] = []
  while (!reader.ended) found.push(reader.text())
  return found
}

function pairNames(bytes: Uint8Array): string[] {
  const reader = new WireReader(bytes)
  const names: string[] = []
  while (!reader.ended) {
    names.push(reader.text())
    reader.string()
  }
  return names
}

/** Why a certificate is not valid now, apart from who signed it; undefined: it is. `now` in milliseconds. */
export function certificateProblem(certificate: Certificate, kind: 'user' | 'host', now: number): string | undefined {
  const seconds = BigInt(Math.floor(now / 1000))
  if (certificate.kind !== kind) return `it is a ${certificate.kind} certificate`
  if (seconds < certificate.validAfter) return `it is valid from ${date(certificate.validAfter)} on`
  if (seconds >= certificate.validBefore) return `it has expired on ${date(certificate.validBefore)}`
  return undefined
}

function date(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString()
}

/** Why a host certificate does not vouch for `host`; undefined: it does. The authority is trusted by the caller. */
export function hostCertificateProblem(certificate: Certificate, host: string, now: number): string | undefined {
  const problem = certificateProblem(certificate, 'host', now)
  if (problem !== undefined) return problem
  if (certificate.criticalOptions.length > 0) return `it has a critical option that is not known here (${certificate.criticalOptions.join(', ')})`
  // OpenSSH takes an empty list for "any host"; names may be patterns.
  const names = certificate.principals
  if (names.length > 0 && !names.some((name) => matchPattern(host.toLowerCase(), name.toLowerCase()))) return `it is for ${names.join(', ')}`
  return signatureHolds(certificate) ? undefined : 'its signature is wrong'
}

/** Whether the authority has signed it. SHA-1 signatures do not count. */
export function signatureHolds(certificate: Certificate): boolean {
  try {
    const reader = new WireReader(certificate.signature)
    const algorithm = reader.text()
    const value = reader.string()
    const authority = new WireReader(certificate.authority)
    const type = authority.text()
    if (type === 'ssh-ed25519' && algorithm === type) {
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: authority.string().toString('base64url') }, format: 'jwk' })
      return verify(null, certificate.signed, key, value)
    }
    if (type.startsWith('ecdsa-sha2-') && algorithm === type) return verifyEcdsa(certificate.signed, authority, value)
    if (type === 'ssh-rsa' && (algorithm === 'rsa-sha2-256' || algorithm === 'rsa-sha2-512')) {
      const e = authority.string()
      const n = unsigned(authority.string())
      const key = createPublicKey({ key: { kty: 'RSA', e: unsigned(e).toString('base64url'), n: n.toString('base64url') }, format: 'jwk' })
      return n.length * 8 >= 2048 && verify(algorithm === 'rsa-sha2-256' ? 'sha256' : 'sha512', certificate.signed, key, value)
    }
    return false
  } catch {
    return false
  }
}

function verifyEcdsa(signed: Uint8Array, authority: WireReader, value: Uint8Array): boolean {
  const curves = { nistp256: ['P-256', 32, 'sha256'], nistp384: ['P-384', 48, 'sha384'], nistp521: ['P-521', 66, 'sha512'] } as const
  const curve = curves[authority.text() as keyof typeof curves] // undefined for others, which throws below, and that means no
  const point = authority.string()
  const [crv, size, hash] = curve
  if (point[0] !== 4 || point.length !== 1 + 2 * size) return false
  const key = createPublicKey({ key: { kty: 'EC', crv, x: point.subarray(1, 1 + size).toString('base64url'), y: point.subarray(1 + size).toString('base64url') }, format: 'jwk' })
  const numbers = new WireReader(value)
  const parts = [numbers.string(), numbers.string()].map((number) => {
    const bytes = unsigned(number)
    if (bytes.length > size) throw new RangeError('a number is too long')
    return Buffer.concat([Buffer.alloc(size - bytes.length), bytes])
  })
  return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat(parts))
}

function unsigned(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0)
  return first === -1 ? Buffer.of(0) : number.subarray(first)
}
