// multipart/encrypted (MS-WSMV §2.2.9.1): how a sealed envelope travels in a body.

/** A sealed message: NTLM's signature or Kerberos' token header, and the rest. */
export interface Wrapped {
  readonly header: Uint8Array
  readonly data: Uint8Array
}

export interface EncryptedBody {
  readonly contentType: string
  readonly body: Buffer
}

export interface Decrypted extends Wrapped {
  readonly protocol: string
  /** Bytes of the message inside, as the frame says. */
  readonly length: number
  /** Of the message inside, e.g. application/soap+xml;charset=UTF-8. */
  readonly type: string
}

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

const boundary = 'Encrypted Boundary'
const plainType = 'application/soap+xml;charset=UTF-8'

/** `indent` stands before the headers of the parts: Windows writes a tab there, and some services abort over one, so a client writes none. */
export function encodeEncrypted(protocol: string, sealed: Wrapped, plainLength: number, indent: '' | '\t' = ''): EncryptedBody {
  const headerLength = Buffer.alloc(4)
  headerLength.writeUInt32LE(sealed.header.length)
  const head = [
    `--${boundary}`,
    `${indent}Content-Type: ${protocol}`,
    `${indent}OriginalContent: type=${plainType};Length=${plainLength}`,
    `--${boundary}`,
    `${indent}Content-Type: application/octet-stream`,
    '',
  ].join('\r\n')
  return {
    contentType: `multipart/encrypted;protocol="${protocol}";boundary="${boundary}"`,
    body: Buffer.concat([Buffer.from(head, 'latin1'), headerLength, sealed.header, sealed.data, Buffer.from(`--${boundary}--\r\n`, 'latin1')]),
  }
}

export function isEncrypted(contentType: string): boolean {
  return /^multipart\/(x-multi-)?encrypted\b/i.test(contentType.trim())
}

/** Reads by lengths and not by searching the boundary: sealed bytes may look like one. */
export function decodeEncrypted(contentType: string, body: Buffer): Decrypted {
  if (!/^multipart\/encrypted\b/i.test(contentType.trim())) throw new FrameError(`a body of type ${contentType.slice(0, 80)} is not one sealed message`)
  const headEnd = endOfHeaders(body)
  const lines = body.subarray(0, headEnd).toString('latin1').split('\r\n').map((line) => line.trim())
  const [opening = '', type = '', original = '', middle = '', octets = ''] = lines
  const content = /^OriginalContent:\s*type=(.+?);\s*Length=(\d{1,9})$/i.exec(original)
  const protocol = /^Content-Type:\s*(\S+)$/i.exec(type)?.[1]
  if (!isBoundary(opening) || !isBoundary(middle) || content === null || protocol === undefined || !/^Content-Type:\s*application\/octet-stream$/i.test(octets)) {
    throw new FrameError('the headers of a sealed body are malformed')
  }
  const length = Number(content[2])
  if (headEnd + 4 > body.length) throw new FrameError('a sealed body is cut off')
  const headerLength = body.readUInt32LE(headEnd)
  const dataStart = headEnd + 4 + headerLength
  const dataEnd = body.length - closingLength(body)
  // Padding belongs to the cipher's block at most.
  if (headerLength > 4096 || dataEnd < dataStart + length || dataEnd > dataStart + length + 64) throw new FrameError('the lengths in a sealed body do not fit it')
  return { protocol, length, type: content[1] ?? plainType, header: body.subarray(headEnd + 4, dataStart), data: body.subarray(dataStart, dataEnd) }
}

/** Five lines come before the bytes. */
function endOfHeaders(body: Buffer): number {
  let at = 0
  for (let line = 0; line < 5; line++) {
    const end = body.indexOf('\r\n', at, 'latin1')
    if (end < 0 || end - at > 300) throw new FrameError('the headers of a sealed body are malformed')
    at = end + 2
  }
  return at
}

function isBoundary(line: string): boolean {
  return /^-- ?Encrypted Boundary$/i.test(line)
}

function closingLength(body: Buffer): number {
  const found = /-- ?Encrypted Boundary--\r?\n?$/i.exec(body.subarray(-32).toString('latin1'))
  if (found === null) throw new FrameError('a sealed body has no end')
  return found[0].length
}
