import { TransportError } from '../errors.js'

/**
 * One word for any POSIX login shell, tcsh and fish included. The usual `'\''` alone is not enough: tcsh expands `!` inside single
 * quotes, fish reads `\\` there as one backslash; so each of `'`, `!` and `\` leaves the quotes and stands behind a backslash.
 *
 * A newline is kept as it is: every shell but tcsh takes it inside quotes.
 */
export function quotePosix(value: string | Uint8Array): string {
  const text = typeof value === 'string' ? value : decode(value)
  if (text.includes('\0')) {
    throw new TransportError('INVALID_OPTIONS', 'An argument holds a NUL byte, which no program can be given', { hint: 'Send such bytes through stdin.' })
  }
  return `'${text.replace(/['!\\]/g, (special) => `'\\${special}'`)}'`
}

/** A command line that runs `argv` as it stands: nothing in it is expanded or split. */
export function joinPosix(argv: readonly (string | Uint8Array)[]): string {
  if (argv.length === 0) throw new TransportError('INVALID_OPTIONS', 'A command given as a list needs at least the name of a program')
  return argv.map((word) => quotePosix(word)).join(' ')
}

/** Bytes that are not UTF-8 cannot stand in a command line, which is text. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TransportError('INVALID_OPTIONS', 'An argument given as bytes is not valid UTF-8, so it cannot stand in a command line', {
      hint: 'Send such bytes through stdin, or use file(), which takes any name.',
      cause,
    })
  }
}
