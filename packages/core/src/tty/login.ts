// Who types what at a login: a table, without a wire. One try: a second one could lock the account.
import type { Screen } from './screen.js'

export interface LoginState {
  readonly userSent: boolean
  readonly passwordSent: boolean
  /** How often a password for somebody else was asked for and not given. */
  readonly declined: number
}

export const noLogin: LoginState = { userSent: false, passwordSent: false, declined: 0 }

export type LoginStep =
  | { readonly act: 'send-user'; readonly state: LoginState }
  | { readonly act: 'send-password'; readonly state: LoginState }
  /** An empty password: somebody else's login stands there, or the CR that woke the console was taken for a user. */
  | { readonly act: 'decline'; readonly state: LoginState }
  /** The far side has not said enough yet. */
  | { readonly act: 'wait' }
  /** No login is asked for, or it is over. */
  | { readonly act: 'go-on' }
  | { readonly act: 'fail'; readonly reason: LoginFailure }

export type LoginFailure = 'no-user' | 'rejected' | 'expired' | 'unavailable'

/** `hasUser`: whether a user name was given. A password that was not given is asked for when `send-password` comes. */
export function loginStep(state: LoginState, screen: Screen, hasUser: boolean): LoginStep {
  switch (screen) {
    case 'expired': return state.passwordSent ? { act: 'fail', reason: 'expired' } : { act: 'wait' }
    case 'unavailable': return state.passwordSent || state.userSent ? { act: 'fail', reason: 'unavailable' } : { act: 'wait' }
    case 'failed': return state.userSent || state.passwordSent ? { act: 'fail', reason: 'rejected' } : { act: 'wait' }
    case 'login':
      if (state.userSent || state.passwordSent) return { act: 'fail', reason: 'rejected' }
      return hasUser ? { act: 'send-user', state: { ...state, userSent: true } } : { act: 'fail', reason: 'no-user' }
    case 'password':
      if (state.passwordSent) return { act: 'fail', reason: 'rejected' }
      if (hasUser && !state.userSent && state.declined < 2) return { act: 'decline', state: { ...state, declined: state.declined + 1 } }
      return { act: 'send-password', state: { ...state, passwordSent: true } }
    case 'silent': case 'boot': return { act: 'wait' }
    default: return { act: 'go-on' }
  }
}
