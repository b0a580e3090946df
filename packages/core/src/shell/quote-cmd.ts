// Words for cmd.exe: first as programs on Windows split their command line, then as cmd reads its own line.
import { TransportError } from '../errors.js'

/**
 * One argument. Every character with a meaning to cmd stands behind a caret, the quotes too, so that nothing is ever inside of cmd's
 * quotes: there a percent sign could not be helped.
 */
export function quoteCmd(value: string): string {
  if (/[\0\r\n]/.test(value)) {
    throw new TransportError('INVALID_OPTIONS', 'An argument for cmd holds a line end or a NUL byte, at which cmd stops reading.', { hint: 'Send it through stdin, or use PowerShell.' })
  }
  return quoteArgument(value).replace(/[()%!^"<>&|]/g, '^$&')
}

/** A command line that runs `argv` as it stands. */
export function joinCmd(argv: readonly string[]): string {
  if (argv.length === 0 || argv[0] === '') throw new TransportError('INVALID_OPTIONS', 'A command given as a list needs at least the name of a program.')
  return argv.map(quoteCmd).join(' ')
}

/** As CommandLineToArgvW and the C runtime read it: backslashes count only before a quote. */
function quoteArgument(value: string): string {
  if (value !== '' && !/[\s"]/.test(value)) return value
  return `"${value.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}
