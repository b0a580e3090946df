// Which ways of logging in are tried, in which order, and what is said when none was accepted. Nothing is ever tried twice, except after
// a partial success, when the server has asked for one more method.
import { TransportError } from '@train-ts/core'
import type { AnyAuthMethod } from 'ssh2'

export type Method = 'none' | 'publickey' | 'password' | 'keyboard-interactive'

/** How far the login has come. */
export interface LoginState {
  /** The server accepted something and wants more. */
  readonly more: boolean
  /** The server has looked at the password, and refused it or accepted it as a part. */
  readonly passwordUsed: boolean
}

/** One way to log in. */
export interface Attempt {
  readonly method: Method
  /** For the error: `key ~/.ssh/id_ed25519`. Never a secret. */
  readonly label: string
  /** What ssh2 is told, or why this way is closed; or more attempts in its place. */
  prepare(state: LoginState): Promise<AnyAuthMethod | readonly Attempt[] | string>
}

interface Tried {
  readonly label: string
  readonly outcome: string
}

export interface Authenticator {
  /** The next attempt, or undefined when none is left. */
  next(): Promise<AnyAuthMethod | undefined>
  /** What the server said to the last one. */
  rejected(offered: readonly string[], partial: boolean): void
  /** A remark on the attempt under way, for the error: why an agent did not sign. */
  remark(why: string): void
  /** What was tried and what came of it, as one error. */
  error(where: string, cause?: unknown): TransportError
}

export function createAuthenticator(user: string, attempts: readonly Attempt[]): Authenticator {
  let left: readonly Attempt[] = attempts
  /** Sent before the server had said what it offers, and not on that list: may be asked for after a partial success. */
  let early: Attempt[] = []
  let offered: readonly string[] | undefined
  let current: Attempt | undefined
  let remark: string | undefined
  let more = false
  let passwordUsed = false
  const tried: Tried[] = []

  const note = (label: string, outcome: string): void => void tried.push({ label, outcome })

  async function next(): Promise<AnyAuthMethod | undefined> {
    // It ended on our side, so the server said nothing: an agent that does not sign.
    if (current !== undefined) note(current.label, remark ?? 'given up')
    current = undefined
    for (;;) {
      const attempt = left.find(({ method }) => offered === undefined || offered.includes(method))
      // Nothing to begin with but questions: first ask what the server offers. Some let anybody in.
      if (offered === undefined && (attempt === undefined || attempt.method === 'keyboard-interactive')) return { type: 'none', username: user }
      if (attempt === undefined) return undefined
      left = left.filter((other) => other !== attempt)
      const prepared = await attempt.prepare({ more, passwordUsed })
      if (typeof prepared === 'string') {
        note(attempt.label, prepared)
      } else if (isList(prepared)) {
        left = [...prepared, ...left]
      } else {
        current = attempt
        remark = undefined
        return prepared
      }
    }
  }

  function rejected(methods: readonly string[], partial: boolean): void {
    const first = offered === undefined
    offered = methods
    more ||= partial
    if (current === undefined) return
    const looked = partial || !first || methods.includes(current.method)
    if (current.method === 'password' && looked) passwordUsed = true
    if (partial) {
      note(current.label, 'accepted, but the server wants more')
      left = [...early, ...left]
      early = []
    } else if (!looked) {
      early.push(current)
      note(current.label, 'not offered by the server')
    } else {
      note(current.label, remark ?? 'refused')
    }
    current = undefined
  }

  function error(where: string, cause?: unknown): TransportError {
    const said = tried.map(({ label, outcome }) => `${label}: ${outcome}`)
    const server = offered === undefined || offered.length === 0 ? '' : ` The server offers: ${offered.join(', ')}.`
    const ways = said.length === 0 ? 'No way to log in was given.' : `Tried: ${said.join('; ')}.`
    return new TransportError('AUTH_FAILED', `Cannot log in to ${where} as ${user}. ${ways}${server}`, {
      hint: hintFor(offered, tried),
      details: { reason: said.length === 0 ? 'no_ssh_password_or_key_available' : 'authentication-refused' },
      cause,
    })
  }

  return { next, rejected, remark: (why) => void (remark = why), error }
}

function isList(prepared: AnyAuthMethod | readonly Attempt[]): prepared is readonly Attempt[] {
  return Array.isArray(prepared)
}

function hintFor(offered: readonly string[] | undefined, tried: readonly Tried[]): string {
  if (offered !== undefined && !tried.some(({ outcome }) => outcome === 'refused')) {
    if (offered.includes('publickey')) return 'Give a key (keyFiles, privateKey) or start an ssh-agent that holds it.'
    if (offered.includes('password') || offered.includes('keyboard-interactive')) return 'Give a password, or onPrompt.'
  }
  return 'Check the user name, and that the key stands in authorized_keys. Nothing was tried twice, so that no account gets locked.'
}
