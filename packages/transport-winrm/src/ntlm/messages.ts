// The three messages of an NTLM login (MS-NLMP §2.2.1), both ways: the client writes 1 and 3 and reads 2, an acceptor the reverse.
import { flags as flag, version } from './flags.js'
import { header, NtlmFormatError, openMessage, readField, signature, utf16, writeField } from './wire.js'

export interface Challenge {
  readonly flags: number
  readonly serverChallenge: Uint8Array
  readonly targetName: Uint8Array
  readonly targetInfo: Uint8Array
}

export interface Authenticate {
  readonly flags: number
  readonly domain: string
  readonly user: string
  readonly workstation: string
  readonly lmResponse: Uint8Array
  readonly ntResponse: Uint8Array
  readonly encryptedSessionKey: Uint8Array
}

/** Where an Authenticate message has its MIC: 16 bytes. */
export const micOffset = 72

/** Message 1. The eight bytes of version are always there: some acceptors refuse it without. */
export function encodeNegotiate(flags: number): Buffer {
  const bytes = header(1, 40)
  bytes.writeUInt32LE(flags, 12)
  bytes.set(version, 32)
  return bytes
}

export function decodeNegotiate(bytes: Uint8Array): { readonly flags: number } {
  return { flags: openMessage(bytes, 1, 16).readUInt32LE(12) }
}

export function encodeChallenge(challenge: Challenge): Buffer {
  const bytes = header(2, 56)
  writeField(bytes, 12, challenge.targetName.length, 56)
  bytes.writeUInt32LE(challenge.flags, 20)
  bytes.set(challenge.serverChallenge, 24)
  writeField(bytes, 40, challenge.targetInfo.length, 56 + challenge.targetName.length)
  bytes.set(version, 48)
  return Buffer.concat([bytes, challenge.targetName, challenge.targetInfo])
}

export function decodeChallenge(bytes: Uint8Array): Challenge {
  const message = openMessage(bytes, 2, 48)
  const flags = message.readUInt32LE(20)
  return {
    flags,
    serverChallenge: message.subarray(24, 32),
    targetName: readField(message, 12),
    targetInfo: (flags & flag.targetInfo) === 0 ? Buffer.alloc(0) : readField(message, 40),
  }
}

/** Message 3 with room for the MIC, still zero: it covers the message itself. */
export function encodeAuthenticate(message: Authenticate): Buffer {
  const bytes = header(3, micOffset + 16)
  const { lmResponse, ntResponse, encryptedSessionKey } = message
  const [domain, user, workstation] = [utf16(message.domain), utf16(message.user), utf16(message.workstation)]
  // The order of MS-NLMP's own example; where each field stands is free.
  let offset = bytes.length
  const place = (at: number, value: Uint8Array): void => {
    if (value.length > 0xffff) throw new NtlmFormatError('a field of the login is too long')
    writeField(bytes, at, value.length, offset)
    offset += value.length
  }
  place(28, domain)
  place(36, user)
  place(44, workstation)
  place(12, lmResponse)
  place(20, ntResponse)
  place(52, encryptedSessionKey)
  bytes.writeUInt32LE(message.flags, 60)
  bytes.set(version, 64)
  return Buffer.concat([bytes, domain, user, workstation, lmResponse, ntResponse, encryptedSessionKey])
}

export function decodeAuthenticate(bytes: Uint8Array): Authenticate {
  const message = openMessage(bytes, 3, 64)
  const flags = message.readUInt32LE(60)
  const text = (at: number): string => readField(message, at).toString((flags & flag.unicode) === 0 ? 'latin1' : 'utf16le')
  return {
    flags,
    domain: text(28),
    user: text(36),
    workstation: text(44),
    lmResponse: readField(message, 12),
    ntResponse: readField(message, 20),
    encryptedSessionKey: readField(message, 52),
  }
}

/** Whether a token is an NTLM message as it stands, not wrapped into SPNEGO. */
export function isNtlm(token: Uint8Array): boolean {
  return token.length >= 12 && signature.equals(token.subarray(0, 8))
}
