// The server's side of an NTLMv2 login, raw or inside SPNEGO.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ntlmBinding } from '../src/codec/channel-binding.js'
import { decodeNegTokenInit, decodeNegTokenResp, encodeMechanismList, encodeNegTokenResp, mechanism } from '../src/codec/spnego.js'
import { flags, offered } from '../src/ntlm/flags.js'
import { hmacMd5, passwordKey, proofOf } from '../src/ntlm/keys.js'
import { decodeAuthenticate, decodeNegotiate, encodeChallenge, isNtlm, micOffset, type Authenticate } from '../src/ntlm/messages.js'
import { createRc4 } from '../src/ntlm/rc4.js'
import { createNtlmSession, type NtlmSession } from '../src/ntlm/seal.js'
import { attribute, decodeTargetInfo, encodeTargetInfo, findAttribute } from '../src/ntlm/target-info.js'

export interface Account {
  readonly user: string
  readonly password: string
  readonly domain: string
}

export interface AcceptorSettings {
  readonly account: Account
  readonly channelBinding: 'none' | 'relaxed' | 'strict'
  /** `tls-server-end-point:` and its hash; undefined: no TLS. */
  readonly endPoint: Uint8Array | undefined
  /** Challenges offer no sealing. */
  readonly downgrade: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export type Verdict =
  | { readonly state: 'continue'; readonly token: Uint8Array }
  | { readonly state: 'done'; readonly token: Uint8Array | undefined; readonly session: NtlmSession }
  | { readonly state: 'refused'; readonly reason: string }

export interface Acceptor {
  accept(token: Uint8Array): Verdict
}

export function createNtlmAcceptor(settings: AcceptorSettings): Acceptor {
  let negotiate: Uint8Array | undefined
  let challenge: Buffer | undefined
  const serverChallenge = randomBytes(8)

  function raw(token: Uint8Array): Verdict {
    if (negotiate === undefined || challenge === undefined) {
      const wanted = decodeNegotiate(token).flags
      const granted = ((wanted & offered) | flags.targetInfo | flags.targetTypeServer) >>> 0
      negotiate = token
      challenge = encodeChallenge({
        flags: settings.downgrade ? (granted & ~(flags.sign | flags.seal)) >>> 0 : granted,
        serverChallenge,
        targetName: Buffer.from(settings.account.domain, 'utf16le'),
        targetInfo: targetInfo(settings),
      })
      return { state: 'continue', token: challenge }
    }
    const message = decodeAuthenticate(token)
    const exportedSessionKey = verifyPassword(message, serverChallenge, settings.account)
    if (exportedSessionKey === undefined) return { state: 'refused', reason: 'password' }
    const answered = decodeTargetInfo(message.ntResponse.subarray(44))
    if (hasMic(answered)) {
      const blank = Buffer.from(token)
      blank.fill(0, micOffset, micOffset + 16)
      const mic = hmacMd5(exportedSessionKey, negotiate, challenge, blank)
      if (!same(mic, token.subarray(micOffset, micOffset + 16))) return { state: 'refused', reason: 'MIC' }
    }
    const binding = checkBinding(findAttribute(answered, attribute.channelBindings), settings)
    if (binding !== undefined) return { state: 'refused', reason: binding }
    return { state: 'done', token: undefined, session: createNtlmSession(exportedSessionKey, 'server') }
  }

  let offeredList: Buffer | undefined
  function wrapped(token: Uint8Array): Verdict {
    if (token[0] === 0x60) {
      const init = decodeNegTokenInit(token)
      offeredList = encodeMechanismList(init.mechanisms)
      if (!init.mechanisms.includes(mechanism.ntlm)) return { state: 'refused', reason: 'mechanism' }
      if (init.mechanisms[0] !== mechanism.ntlm || init.mechToken === undefined) {
        return { state: 'continue', token: encodeNegTokenResp({ state: 'accept-incomplete', mechanism: mechanism.ntlm }) }
      }
      return wrap(raw(init.mechToken))
    }
    const response = decodeNegTokenResp(token)
    if (response.responseToken === undefined) return { state: 'refused', reason: 'SPNEGO' }
    const verdict = raw(response.responseToken)
    if (verdict.state !== 'done') return wrap(verdict)
    if (response.mechListMic === undefined) return { ...verdict, token: encodeNegTokenResp({ state: 'accept-completed' }) }
    if (offeredList === undefined || !verdict.session.verify(offeredList, response.mechListMic)) return { state: 'refused', reason: 'mechListMIC' }
    const mechListMic = verdict.session.sign(offeredList)
    verdict.session.restartCiphers()
    return { ...verdict, token: encodeNegTokenResp({ state: 'accept-completed', mechListMic }) }
  }
  return { accept: (token) => (isNtlm(token) ? raw(token) : wrapped(token)) }
}

function wrap(verdict: Verdict): Verdict {
  if (verdict.state !== 'continue') return verdict
  return { state: 'continue', token: encodeNegTokenResp({ state: 'accept-incomplete', mechanism: mechanism.ntlm, responseToken: verdict.token }) }
}

function targetInfo({ account, now }: AcceptorSettings): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE((BigInt(now()) + 11_644_473_600_000n) * 10_000n)
  const name = Buffer.from(account.domain, 'utf16le')
  return encodeTargetInfo([
    { id: attribute.domain, value: name },
    { id: attribute.computer, value: name },
    { id: attribute.timestamp, value: time },
  ])
}

/** The session's key, where the response belongs to the password. The user may come with the domain, without, or as name@domain. */
function verifyPassword(message: Authenticate, serverChallenge: Uint8Array, account: Account): Buffer | undefined {
  const name = message.user.replace(/@.*$/, '')
  if (name.toLowerCase() !== account.user.toLowerCase() || message.ntResponse.length < 48) return undefined
  const blob = message.ntResponse.subarray(16)
  const response = proofOf(passwordKey({ user: message.user, domain: message.domain }, account.password), serverChallenge, blob)
  if (!same(response.proof, message.ntResponse.subarray(0, 16))) return undefined
  if ((message.flags & flags.keyExchange) === 0) return response.sessionBaseKey
  return createRc4(response.sessionBaseKey)(message.encryptedSessionKey)
}

function hasMic(answered: ReturnType<typeof decodeTargetInfo>): boolean {
  const value = findAttribute(answered, attribute.flags)
  return value !== undefined && ((value[0] ?? 0) & 2) !== 0
}

function checkBinding(given: Uint8Array | undefined, settings: AcceptorSettings): string | undefined {
  if (settings.endPoint === undefined || settings.channelBinding === 'none') return undefined
  if (given === undefined || given.every((byte) => byte === 0)) return settings.channelBinding === 'strict' ? 'channel binding missing' : undefined
  return same(ntlmBinding(settings.endPoint), given) ? undefined : 'channel binding wrong'
}

function same(expected: Uint8Array, given: Uint8Array): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given)
}
