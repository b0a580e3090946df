import { TransportError } from '../errors.js'
import { quotePosix } from './quote-posix.js'

/** What has to happen around a command on the far side, for shells that speak POSIX. Pure. */
export interface Wrapping {
  /** The command's own text. */
  readonly text: string
  /** Who reads `text`: the user's login shell, whatever it speaks, or `sh` (core's own scripts and quoted argument lists). */
  readonly language: 'login' | 'sh'
  /** The login shell takes POSIX syntax (`Shell.bourne`). */
  readonly bourne: boolean
  readonly env: ReadonlyMap<string, string> | undefined
  readonly cwd: string | undefined
  readonly umask: number | undefined
  /** Through the login shell with its profile. */
  readonly loginShell: boolean
  /** Names the process group of this command; see marker.ts. Undefined: the driver kills. */
  readonly mark: { readonly token: string; readonly stream: 'stdout' | 'stderr' } | undefined
}

/** The variable that marks every process of a command, so that those which left its process group are found again. */
export const tokenVariable = 'TRAIN_EXEC'

/** The complete command line. Without anything to add it is the text itself. */
export function wrapPosix(wrapping: Wrapping): string {
  const { text, language, bourne, loginShell } = wrapping
  const prefix = prefixOf(wrapping)
  if (bourne || (language === 'login' && prefix === '' && !loginShell)) return prefix + (loginShell ? `exec "\${SHELL:-/bin/sh}" -l -c ${quotePosix(text)}` : text)
  if (language === 'sh') return throughSh(prefix + text, [])
  // The login shell (fish, csh, tcsh) gets its text back from sh, which has done what it could not be told in its own syntax.
  return throughSh(`${prefix}exec "$1" ${loginShell ? '-l ' : ''}-c "$2"`, ['"$SHELL"', text])
}

function prefixOf({ env, cwd, umask, mark }: Wrapping): string {
  const parts: string[] = []
  const report = (word: string): string => (mark === undefined ? '' : `echo ${mark.token}${word}${mark.stream === 'stderr' ? ' >&2' : ''}`)
  if (cwd !== undefined) parts.push(`cd -- ${quotePosix(anchored(cwd))} ${mark === undefined ? '' : '2>/dev/null '}|| { ${mark === undefined ? '' : `${report('-cwd')}; `}exit 125; }`)
  if (umask !== undefined) parts.push(`umask ${umask.toString(8).padStart(3, '0')}`)
  for (const [name, value] of env ?? []) parts.push(`${name}=${quotePosix(value)}; export ${name}`)
  if (mark !== undefined) parts.push(`${tokenVariable}=${mark.token}; export ${tokenVariable}`, report('+$$'))
  return parts.length === 0 ? '' : `${parts.join('; ')}; `
}

/** `cd` searches CDPATH for a name without a leading dot, and prints what it found. */
function anchored(directory: string): string {
  return directory.startsWith('/') || directory.startsWith('./') || directory.startsWith('../') ? directory : `./${directory}`
}

/** A script and its arguments for `sh`, on one line that every login shell reads alike: no newline may stand in quotes (tcsh). */
export function throughSh(script: string, values: readonly string[]): string {
  const encoded = [script, ...values].some((part) => part.includes('\n'))
  const argument = (value: string): string => (value === '"$SHELL"' ? value : quotePosix(encoded ? escapeLines(value) : value))
  if (!encoded) return ['exec sh -c', quotePosix(script), 'sh', ...values.map(argument)].join(' ')
  const decode = 's=$(printf %b. "$1"); s=${s%.}; a=; [ $# -lt 3 ] || { a=$(printf %b. "$3"); a=${a%.}; }; set -- "${2-}" "$a"; eval "$s"'
  return ['exec sh -c', quotePosix(decode), 'sh', argument(script), ...values.map(argument)].join(' ')
}

/** For `printf %b`. */
function escapeLines(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
}

/** Names that a shell can export. Throws INVALID_OPTIONS. */
export function checkEnvironment(env: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new TransportError('INVALID_OPTIONS', `${JSON.stringify(name)} is not a name of an environment variable.`, { hint: 'Letters, digits and _, not beginning with a digit.', details: { option: 'env' } })
    if (typeof value === 'string' && value.includes('\0')) throw new TransportError('INVALID_OPTIONS', `The environment variable ${name} contains a NUL character.`, { details: { option: 'env' } })
  }
}
