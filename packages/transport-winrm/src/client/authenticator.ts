// How requests of one connection are let in: a header in each of them, or a login of the connection itself, which then seals.
import { TransportError } from '@train-ts/core'
import type { SecurityContext } from '../auth/security-context.js'
import { parseChallenges } from '../codec/challenges.js'
import type { HttpConnection, HttpPost } from '../http/connection.js'
import { loginRefused, unexpectedStatus, type LoginName } from './failures.js'

export interface Authenticator {
  readonly name: LoginName
  /** Sent with every request. */
  readonly header: string | undefined
  /** A new login for a connection; undefined where the header is all. `certificate`: of the far side, with TLS. */
  begin(certificate: Uint8Array | undefined): Promise<SecurityContext | undefined>
  dispose(): void
}

/** Enough for Kerberos, NTLM and SPNEGO around them. */
const maxRounds = 6

/** Logs the connection in. Requests of a login have no body, so that nothing is lost when it fails. */
export async function login(http: HttpConnection, context: SecurityContext, name: LoginName, post: Omit<HttpPost, 'headers' | 'body'>): Promise<void> {
  let token = await accept(context, undefined, name)
  for (let round = 0; round < maxRounds; round++) {
    if (token === undefined) break
    const response = await http.post({ ...post, headers: { Authorization: `${context.scheme} ${Buffer.from(token).toString('base64')}` }, body: Buffer.alloc(0) })
    const challenges = parseChallenges(response.headers.get('www-authenticate') ?? [])
    const answer = challenges.find(({ scheme, token: given }) => scheme === context.scheme.toLowerCase() && given !== undefined)?.token
    if (response.status === 401) {
      // After our last word, a 401 is a refusal whatever else it says.
      if (answer === undefined || context.complete || !response.keepAlive) throw loginRefused(response, name)
      token = await accept(context, answer, name)
      continue
    }
    if (response.status >= 300) throw unexpectedStatus(response, true, name.tls)
    if (answer !== undefined) await accept(context, answer, name)
    if (context.complete) return
    break
  }
  throw new TransportError('AUTH_FAILED', 'The service let us in without proving itself: its login did not come to an end.', {
    hint: 'Something in between answers in its place.',
    details: { reason: 'incomplete' },
  })
}

/** A token that is not acceptable ends the login. */
async function accept(context: SecurityContext, token: Uint8Array | undefined, name: LoginName): Promise<Uint8Array | undefined> {
  try {
    return await context.step(token)
  } catch (cause) {
    if (cause instanceof TransportError) throw cause
    const text = cause instanceof Error ? cause.message : String(cause)
    const downgrade = cause instanceof Error && cause.name === 'DowngradeError'
    throw new TransportError('AUTH_FAILED', `The login of ${name.user} by ${name.scheme} was broken off: ${text}.`, {
      cause,
      hint: downgrade ? 'Weaker security is never accepted; check the NTLM policies of the machine, or what stands in between.' : undefined,
      details: { reason: downgrade ? 'downgrade' : 'negotiation' },
    })
  }
}
