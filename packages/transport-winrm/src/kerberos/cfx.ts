// The layout of Kerberos' sealed tokens (RFC 4121): what gss_wrap gives, and what Windows' SSPI expects, which is the same bytes rotated.
import type { Wrapped } from '../wsman/encrypted.js'

const headerLength = 16
const confounderLength = 16

export class TokenLayoutError extends Error {
  override readonly name = 'TokenLayoutError'
}

/**
 * `token` as gss_wrap made it of `messageLength` bytes: header, confounder, message, trailer. Rotated right by the trailer, so that the
 * message stands last and everything else is the header.
 */
export function toSspiLayout(token: Uint8Array, messageLength: number): Wrapped {
  const bytes = Buffer.from(token)
  if (bytes.length < headerLength || bytes.readUInt16BE(0) !== 0x0504) throw new TokenLayoutError('the ticket is of an old kind (RC4 or DES), which is not sealed with')
  const trailer = bytes.length - headerLength - confounderLength - messageLength
  if (trailer < 0 || bytes.readUInt16BE(6) !== 0 || bytes.readUInt16BE(4) !== 0) throw new TokenLayoutError('the sealed token has another layout than expected')
  bytes.writeUInt16BE(trailer, 6)
  const body = bytes.subarray(headerLength)
  const rotated = Buffer.concat([bytes.subarray(0, headerLength), body.subarray(body.length - trailer), body.subarray(0, body.length - trailer)])
  const split = headerLength + confounderLength + trailer
  return { header: rotated.subarray(0, split), data: rotated.subarray(split) }
}
