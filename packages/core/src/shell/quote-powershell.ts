// Words for PowerShell, Windows' own 5.1 and 7 alike.
import { TransportError } from '../errors.js'

/**
 * A literal in single quotes: nothing in it is expanded. PowerShell takes four more characters for a single quote than ', so each of them
 * is doubled as well: with only ' doubled, text from elsewhere could end the literal.
 */
export function quotePowerShell(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw new TransportError('INVALID_OPTIONS', 'A value holds half of a surrogate pair, which no encoding carries.')
  return `'${value.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}

/** Runs the program `argv[0]` with its arguments and ends with its exit code; with 1 where there is no such program. */
export function joinPowerShell(argv: readonly string[]): string {
  const [program = '', ...values] = argv
  if (program === '') throw new TransportError('INVALID_OPTIONS', 'A command given as a list needs at least the name of a program.')
  return `& ${[quotePowerShell(program), ...values.map(argument)].join(' ')}; if ($null -eq $LASTEXITCODE) { exit 1 }; exit $LASTEXITCODE`
}

/** PowerShell 5.1 puts a program's arguments into quotes without looking into them: it needs the inner ones escaped, 7 must not. */
function argument(value: string): string {
  if (value.includes('\0')) throw new TransportError('INVALID_OPTIONS', 'An argument holds a NUL byte, which no program can be given.', { hint: 'Send such bytes through stdin.' })
  if (value === '--%') throw new TransportError('INVALID_OPTIONS', 'PowerShell drops the argument --% even in quotes.', { hint: 'Pass the command as one string.' })
  const legacy = value === '' ? '""' : escapeInner(value)
  if (legacy === value) return quotePowerShell(value)
  return `$(if ("$PSNativeCommandArgumentPassing" -match 'Standard|Windows') { ${quotePowerShell(value)} } else { ${quotePowerShell(legacy)} })`
}

/** As CommandLineToArgvW reads it; 5.1 adds the outer quotes where there is a blank. */
function escapeInner(value: string): string {
  const inner = value.replace(/(\\*)"/g, '$1$1\\"')
  return /\s/.test(value) ? inner.replace(/(\\+)$/, '$1$1') : inner
}
