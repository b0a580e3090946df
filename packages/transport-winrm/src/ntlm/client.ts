// The client's side of an NTLMv2 login, as a pure state machine: randomness and the clock are arguments.
import { demanded, flags, offered } from './flags.js'
import { computeResponse, hmacMd5, lmResponse, passwordKey, type Account } from './keys.js'
import { decodeChallenge, encodeAuthenticate, encodeNegotiate, micOffset } from './messages.js'
import { createRc4 } from './rc4.js'
import { createNtlmSession, type NtlmSession } from './seal.js'
import { attribute, decodeTargetInfo, encodeTargetInfo, findAttribute, type Attribute } from './target-info.js'
import { NtlmFormatError, utf16 } from './wire.js'

export interface NtlmLogin {
  readonly account: Account
  readonly password: string
  /** E.g. HTTP/host. */
  readonly servicePrincipal: string
  /** MD5 of the channel binding structure (`auth/channel-binding.ts`), 16 bytes; undefined: no TLS underneath, or not wanted. */
  readonly channelBinding: Uint8Array | undefined
  readonly random: (length: number) => Uint8Array
  /** Milliseconds since 1970; used where the server sends no time. */
  readonly now: number
}

export interface NtlmAuthenticated {
  readonly message: Buffer
  readonly session: NtlmSession
}

/** The server offers less than sealing with full keys. We never go below. */
export class DowngradeError extends Error {
  override readonly name = 'DowngradeError'
}

export const negotiateMessage = (): Buffer => encodeNegotiate(offered)

/** Message 3 and the session's keys, from the server's message 2. */
export function answerChallenge(challengeBytes: Uint8Array, login: NtlmLogin): NtlmAuthenticated {
  const challenge = decodeChallenge(challengeBytes)
  const missing = (demanded & ~challenge.flags) >>> 0
  if (missing !== 0) throw new DowngradeError(`the server's NTLM lacks what sealing needs (flags 0x${missing.toString(16)})`)
  if (challenge.targetInfo.length === 0) throw new NtlmFormatError("the server's challenge has no target info, so it is no NTLMv2")

  const given = decodeTargetInfo(challenge.targetInfo)
  const serverTime = findAttribute(given, attribute.timestamp)
  if (serverTime !== undefined && serverTime.length !== 8) throw new NtlmFormatError("the server's time is not 8 bytes")
  const targetInfo = encodeTargetInfo(answerAttributes(given, serverTime !== undefined, login))
  const key = passwordKey(login.account, login.password)
  const clientChallenge = login.random(8)
  const response = computeResponse(key, challenge.serverChallenge, { challenge: clientChallenge, timestamp: serverTime ?? fileTime(login.now), targetInfo })
  const exportedSessionKey = login.random(16)
  const message = encodeAuthenticate({
    flags: ((offered & challenge.flags) | flags.targetInfo) >>> 0,
    domain: login.account.domain,
    user: login.account.user,
    workstation: '',
    lmResponse: serverTime === undefined ? lmResponse(key, challenge.serverChallenge, clientChallenge) : Buffer.alloc(24),
    ntResponse: response.ntResponse,
    encryptedSessionKey: createRc4(response.sessionBaseKey)(exportedSessionKey),
  })
  if (serverTime !== undefined) hmacMd5(exportedSessionKey, negotiateMessage(), challengeBytes, message).copy(message, micOffset)
  return { message, session: createNtlmSession(exportedSessionKey, 'client') }
}

/** Windows' time: 100 ns since 1601. */
export function fileTime(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE((BigInt(Math.trunc(milliseconds)) + 11_644_473_600_000n) * 10_000n)
  return bytes
}

function answerAttributes(given: readonly Attribute[], withMic: boolean, login: NtlmLogin): readonly Attribute[] {
  const own: ReadonlySet<number> = new Set([attribute.flags, attribute.targetName, attribute.channelBindings])
  const micFollows = Buffer.from([2, 0, 0, 0])
  return [
    ...given.filter(({ id }) => !own.has(id)),
    ...(withMic ? [{ id: attribute.flags, value: micFollows }] : []),
    { id: attribute.channelBindings, value: login.channelBinding ?? Buffer.alloc(16) },
    { id: attribute.targetName, value: utf16(login.servicePrincipal) },
  ]
}
