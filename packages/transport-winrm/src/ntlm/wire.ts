// Reading and writing of NTLM messages: a signature, a type, and fields of (length, space, offset). The lengths are the peer's word.

export const signature = Buffer.from('NTLMSSP\0', 'latin1')

export class NtlmFormatError extends Error {
  override readonly name = 'NtlmFormatError'
}

/** Checks the signature and the type, and that `minimum` bytes are there. */
export function openMessage(bytes: Uint8Array, type: number, minimum: number): Buffer {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (message.length < minimum || !message.subarray(0, 8).equals(signature)) throw new NtlmFormatError('not an NTLM message')
  if (message.readUInt32LE(8) !== type) throw new NtlmFormatError(`NTLM message of type ${message.readUInt32LE(8)} where ${type} was due`)
  return message
}

/** The bytes that the field at `at` points to. */
export function readField(message: Buffer, at: number): Buffer {
  if (at + 8 > message.length) throw new NtlmFormatError('NTLM message too short')
  const length = message.readUInt16LE(at)
  const offset = message.readUInt32LE(at + 4)
  if (length === 0) return Buffer.alloc(0)
  if (offset + length > message.length) throw new NtlmFormatError('NTLM field lies outside of its message')
  return message.subarray(offset, offset + length)
}

export function writeField(header: Buffer, at: number, length: number, offset: number): void {
  header.writeUInt16LE(length, at)
  header.writeUInt16LE(length, at + 2)
  header.writeUInt32LE(offset, at + 4)
}

export function header(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  signature.copy(bytes)
  bytes.writeUInt32LE(type, 8)
  return bytes
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le')
}
