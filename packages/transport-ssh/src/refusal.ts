// Servers that let somebody in only to say that he may do nothing. Pure: the first words of the first command's output.
import { TransportError } from '@train-ts/core'

/** What these words mean for a login; undefined: nothing. Only for the first output of a connection, which no command of a user has made. */
export function refusalOf(said: string, user: string, where: string): TransportError | undefined {
  const other = /^Please login as the user "([^"\s]+)" rather than the user "([^"\s]+)"/.exec(said)
  if (other?.[1] !== undefined && other[2] === user) {
    return new TransportError('AUTH_FAILED', `${where} wants another user: it says to log in as "${other[1]}", not as "${user}".`, {
      hint: `Connect as ${other[1]}, and use sudo where root is needed.`,
      details: { reason: 'wrong-user' },
    })
  }
  if (/^(WARNING: )?Your password has expired|^Password change required but no TTY available/.test(said)) {
    return new TransportError('AUTH_FAILED', `The password of ${user} at ${where} has expired.`, { hint: 'Log in with ssh once and change it.', details: { reason: 'password-expired' } })
  }
  if (/^This account is currently not available\./.test(said)) {
    return new TransportError('AUTH_FAILED', `The account ${user} at ${where} is not for logins (its shell is nologin).`, { hint: 'Use another user.', details: { reason: 'account-not-available' } })
  }
  return undefined
}
