// NTLMv2's arithmetic (MS-NLMP §3.3.2, §3.4.5): from a password to the keys of a session.
import { createHash, createHmac } from 'node:crypto'
import { md4 } from './md4.js'
import { utf16 } from './wire.js'

export interface Account {
  readonly user: string
  /** As it was given: it is not upper-cased. Empty: the machine's own accounts, or `user` is `name@realm`. */
  readonly domain: string
}

/** DOMAIN\user is split; user@realm stays whole; `.\user` is the machine's own account. */
export function parseAccount(name: string): Account {
  const at = name.indexOf('\\')
  if (at < 0) return { user: name, domain: '' }
  const domain = name.slice(0, at)
  return { user: name.slice(at + 1), domain: domain === '.' ? '' : domain }
}

/** The key of user, domain and password: NTOWFv2. */
export function passwordKey(account: Account, password: string): Buffer {
  return hmacMd5(md4(utf16(password)), utf16(upperCase(account.user) + account.domain))
}

export interface Response {
  readonly proof: Buffer
  /** proof and blob: the NT response of message 3. */
  readonly ntResponse: Buffer
  readonly sessionBaseKey: Buffer
}

/** What a response is made of, beside the challenge. */
export interface ClientPart {
  readonly challenge: Uint8Array
  /** 8 bytes as on the wire. */
  readonly timestamp: Uint8Array
  /** As the client sends it back. */
  readonly targetInfo: Uint8Array
}

export function computeResponse(key: Uint8Array, serverChallenge: Uint8Array, client: ClientPart): Response {
  const blob = Buffer.concat([Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]), client.timestamp, client.challenge, Buffer.alloc(4), client.targetInfo, Buffer.alloc(4)])
  return proofOf(key, serverChallenge, blob)
}

/** The same from the blob that a client sent: what an acceptor computes. */
export function proofOf(key: Uint8Array, serverChallenge: Uint8Array, blob: Uint8Array): Response {
  const proof = hmacMd5(key, serverChallenge, blob)
  return { proof, ntResponse: Buffer.concat([proof, blob]), sessionBaseKey: hmacMd5(key, proof) }
}

export function lmResponse(key: Uint8Array, serverChallenge: Uint8Array, clientChallenge: Uint8Array): Buffer {
  return Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge])
}

export function hmacMd5(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('md5', key)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

export function md5(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Windows upper-cases a UTF-16 unit to one unit: 'ß' stays, no locale. */
function upperCase(text: string): string {
  return text.replace(/[\s\S]/gu, (character) => {
    const upper = character.toUpperCase()
    return upper.length === character.length ? upper : character
  })
}
