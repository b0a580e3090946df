// NTLM as it stands inside `Negotiate`, which Windows' HTTP service takes, and NTLM inside SPNEGO.
import { answerChallenge, negotiateMessage, type NtlmLogin } from '../ntlm/client.js'
import type { NtlmSession } from '../ntlm/seal.js'
import type { SecurityContext } from './security-context.js'
import { decodeNegTokenResp, encodeMechanismList, encodeNegTokenInit, encodeNegTokenResp, mechanism } from '../codec/spnego.js'

/** The peer answered out of turn, or with something that is no answer. */
export class NegotiationError extends Error {
  override readonly name = 'NegotiationError'
}

export function ntlmContext(login: NtlmLogin): SecurityContext {
  let session: NtlmSession | undefined
  return sealedBy(() => session, (token) => {
    if (token === undefined) return negotiateMessage()
    if (session !== undefined) throw new NegotiationError('the server goes on with a login that was complete')
    const answer = answerChallenge(token, login)
    session = answer.session
    return answer.message
  })
}

export function spnegoNtlmContext(login: NtlmLogin): SecurityContext {
  const mechanisms = [mechanism.ntlm]
  const offered = encodeMechanismList(mechanisms)
  let session: NtlmSession | undefined
  return sealedBy(() => session, (token) => {
    if (token === undefined) return encodeNegTokenInit(mechanisms, negotiateMessage())
    const reply = decodeNegTokenResp(token)
    if (reply.state === 'reject') throw new NegotiationError('the server rejects the offered mechanism')
    if (reply.mechanism !== undefined && reply.mechanism !== mechanism.ntlm) throw new NegotiationError(`the server chose the mechanism ${reply.mechanism}, which was not offered`)
    if (session === undefined) {
      if (reply.responseToken === undefined) throw new NegotiationError('the server sent no challenge')
      const answer = answerChallenge(reply.responseToken, login)
      session = answer.session
      return encodeNegTokenResp({ state: 'accept-incomplete', responseToken: answer.message, mechListMic: session.sign(offered) })
    }
    if (reply.mechListMic !== undefined && !session.verify(offered, reply.mechListMic)) throw new NegotiationError("the server's signature over the mechanisms is wrong")
    session.restartCiphers()
    return undefined
  })
}

function sealedBy(session: () => NtlmSession | undefined, step: SecurityContext['step']): SecurityContext {
  const ready = (): NtlmSession => {
    const value = session()
    if (value === undefined) throw new NegotiationError('not logged in yet')
    return value
  }
  return {
    scheme: 'Negotiate',
    protocol: 'application/HTTP-SPNEGO-session-encrypted',
    step,
    get complete() {
      return session() !== undefined
    },
    wrap(message) {
      const { signature, data } = ready().seal(message)
      return { header: signature, data }
    },
    unwrap: (header, data) => ready().unseal(header, data),
    dispose: () => undefined,
  }
}
