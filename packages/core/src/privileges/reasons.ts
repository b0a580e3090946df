import type { ErrorCode } from '../errors.js'
import type { Elevation } from './elevation.js'

/** Why another user's shell did not start. `reason` is Train's where Train has one. */
export interface Refusal {
  readonly code: ErrorCode
  readonly reason: string
  readonly message: string
  readonly hint: string | undefined
}

/** What was seen up to the end of sudo, su or doas. Messages are in English: the envelope asks for that. */
export interface Seen {
  readonly exitCode: number | null
  /** Both streams. */
  readonly text: string
  /** How many times the password was asked for. */
  readonly prompts: number
}

type Row = readonly [pattern: RegExp, reason: string, message: string, hint?: string]

/** sudo 1.9 and sudo-rs. The first match counts: later lines repeat the consequence. */
const sudoRows: readonly Row[] = [
  [/you must have a tty|sorry, you must have a tty/, 'sudo_no_tty', 'sudo wants a terminal (requiretty).', 'Run it with pty: true.'],
  [/Account or password is expired|password is expired|Changing password for/, 'sudo_password_expired', 'The password has expired.', 'Change it in a login, then try again.'],
  [/account validation failure|account.*(expired|locked)/i, 'sudo_account_expired', 'The account is locked or has expired.'],
  [/no new privileges/, 'sudo_blocked', 'This process may not become another user (no_new_privs).', 'Containers set this flag: look for allowPrivilegeEscalation or no-new-privileges.'],
  [/must be owned by (uid 0|root) and have the setuid bit/, 'sudo_blocked', 'sudo is not installed setuid root there.'],
  [/is not in the sudoers file|I'm sorry .*I'm afraid I can't do that/, 'not_in_sudoers', 'This user has no rule in sudoers.', 'Add one, or connect as another user.'],
  [/is not allowed to (execute|run)/, 'sudo_not_allowed', 'The rule of this user does not allow a shell.', 'core runs sh as the other user: sudoers must allow that program.'],
  [/not allowed to (set|preserve)/, 'sudo_env_refused', 'sudo refuses an environment variable.'],
  [/unknown user|user '.*' not found/, 'sudo_unknown_user', 'The user to become does not exist.'],
  [/a terminal is required to (read the password|authenticate)/, 'sudo_missing_terminal', 'sudo wants a terminal for the password.', 'Give sudo.password, or run it with pty: true.'],
  [/incorrect (password|authentication) attempt|Sorry, try again|Maximum \d+ incorrect/, 'bad_sudo_password', 'The password is wrong.', 'Give another sudo.password; nothing is tried twice, since accounts lock.'],
  [/a password is required|interactive authentication is required|no password was provided/, 'sudo_password_required', 'sudo asks for a password.', 'Give sudo.password.'],
  [/: command not found/, 'sudo_target_not_found', 'sudo finds no sh.'],
]

const suRows: readonly Row[] = [
  [/does not exist|unknown (user|id)|No passwd entry/i, 'su_unknown_user', 'The user to become does not exist.'],
  [/must be run from a terminal/, 'su_no_tty', 'su wants a terminal.', 'Run it with pty: true.'],
  [/Authentication failure|incorrect password|Permission denied/i, 'bad_su_user_password', 'The password is wrong.', 'su asks for the password of the user to become.'],
]

const doasRows: readonly Row[] = [
  [/not enabled|doas\.conf/, 'doas_not_configured', 'doas is not configured there.', 'It reads /etc/doas.conf.'],
  [/Operation not permitted/, 'doas_not_permitted', 'No rule of doas.conf allows this user.'],
  [/unknown user/, 'doas_unknown_user', 'The user to become does not exist.'],
  [/a tty is required|Authentication required/, 'doas_password_required', 'doas asks for a password.', 'Give sudo.password and pty: true: doas reads it from a terminal only.'],
  [/Authentication failed/, 'bad_doas_password', 'The password is wrong.'],
  [/command not found/, 'doas_target_not_found', 'doas finds no sh.'],
]

const authentication = /password|expired/

/** The table read. `program` is what stands for sudo, su or doas. */
export function readRefusal(method: Elevation['method'], program: string, { exitCode, text, prompts }: Seen): Refusal {
  if (exitCode === 127) return refusal(`${method}_command_not_found`, `${program} is not installed there.`, `Install it, or name another program by sudo.command.`)
  // doas says the same of a wrong password and of no terminal to ask on.
  if (method === 'doas' && prompts === 0 && /Authentication failed/.test(text)) return refusal('doas_password_required', 'doas asks for a password.', 'Give sudo.password and pty: true: doas reads it from a terminal only.')
  const asked = method === 'sudo' && prompts > 1 ? refusal('bad_sudo_password', 'The password is wrong.', 'Give another sudo.password; nothing is tried twice, since accounts lock.') : undefined
  const rows = method === 'su' ? suRows : method === 'doas' ? doasRows : sudoRows
  const row = rows.find(([pattern]) => pattern.test(text))
  if (asked !== undefined && (row === undefined || row[1] !== 'sudo_password_expired')) return asked
  if (row !== undefined) return refusal(row[1], row[2], row[3])
  return refusal(`${method}_failed`, `${program} ended with code ${String(exitCode)} before the command ran: ${text.trim().slice(-300)}`)
}

function refusal(reason: string, message: string, hint?: string): Refusal {
  return { code: authentication.test(reason) ? 'AUTH_FAILED' : 'PERMISSION_DENIED', reason, message, hint }
}
