import { boot } from '../shell/script.js'
import { quotePosix } from '../shell/quote-posix.js'
import type { Elevation } from './elevation.js'

export interface EnvelopeOptions {
  readonly elevation: Elevation
  /** Random hex digits: `<token>?` is the prompt, `<token>+<pid>` on stderr says that the other user's shell runs. */
  readonly token: string
  /** The script as the other user: on stdin behind a line that is the token (nothing of it in `ps`, in sudo's log or in its limits), or as an argument. */
  readonly script: { readonly way: 'stdin' } | { readonly way: 'argument'; readonly text: string }
  /** The command has a terminal. */
  readonly hasTerminal: boolean
}

/**
 * A command line for `sh` that becomes another user and runs a script there. Messages come in English, for they are read; the script gets the
 * caller's locale back. The password is never in it.
 */
export function envelope({ elevation, token, script, hasTerminal }: EnvelopeOptions): string {
  const start = `if [ "$2" ];then LC_ALL=$2;export LC_ALL;else unset LC_ALL;fi;echo "$1+$$" >&2;${script.way === 'stdin' ? boot : 'eval "$3"'}`
  const body = script.way === 'argument' ? script.text : ''
  if (elevation.method === 'su') return throughSu(elevation, token, start, body)
  const become = elevation.method === 'doas' ? doas(elevation, hasTerminal) : sudo(elevation)
  return words('exec sh -c', `l=\${LC_ALL-};LC_ALL=C;export LC_ALL;exec ${become} sh -c "$2" sh "$1" "$l" "$3"`, 'sh', token, start, body)
}

/** Without a password it must not ask (-n): it would wait for ever. */
function sudo({ user, password, command }: Elevation): string {
  const program = command === undefined ? 'sudo' : quotePosix(command)
  return `${program} ${password === undefined ? '-n' : '-S -p "$1?"'}${user === undefined ? '' : ` -u ${quotePosix(user)}`} --`
}

/** doas asks on the terminal only. */
function doas({ user, password, command }: Elevation, hasTerminal: boolean): string {
  const program = command === undefined ? 'doas' : quotePosix(command)
  return `${program}${password === undefined || !hasTerminal ? ' -n' : ''}${user === undefined ? '' : ` -u ${quotePosix(user)}`}`
}

/** su knows no arguments for its -c: they stand in it. It keeps the environment, which carries the locale. */
function throughSu({ user, command }: Elevation, token: string, start: string, body: string): string {
  const inner = `${words('set --', token)} "\${TRAIN_LC-}" ${quotePosix(body)};unset TRAIN_LC;${start}`
  const program = command === undefined ? 'su' : quotePosix(command)
  return words('exec sh -c', `TRAIN_LC=\${LC_ALL-};LC_ALL=C;export LC_ALL TRAIN_LC;exec ${program} -s /bin/sh ${quotePosix(user ?? 'root')} -c "$1"`, 'sh', inner)
}

function words(head: string, ...values: readonly string[]): string {
  return [head, ...values.map((value) => quotePosix(value))].join(' ')
}
