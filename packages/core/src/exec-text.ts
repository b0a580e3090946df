import { joinCmd } from './shell/quote-cmd.js'
import { joinPosix, quotePosix } from './shell/quote-posix.js'
import { joinPowerShell, quotePowerShell } from './shell/quote-powershell.js'
import { refuse } from './capabilities.js'
import type { Command } from './connection.js'
import type { ShellDialect } from './driver.js'
import { TransportError } from './errors.js'

/** What is to be run: the user's command in the login shell's language, or core's own text for `sh`. */
export interface ExecText {
  readonly text: string
  readonly language: 'login' | 'sh'
}

/** The text of a command; an array is quoted for the far shell. Throws INVALID_OPTIONS. */
export function textOf(command: Command, dialect: ShellDialect | undefined): ExecText {
  if (typeof command === 'string') {
    if (command.trim() === '') throw new TransportError('INVALID_OPTIONS', 'The command is empty.')
    return { text: command, language: 'login' }
  }
  if (command.length === 0 || command[0] === '') throw new TransportError('INVALID_OPTIONS', 'A command given as an array begins with the name of a program.')
  return { text: joinFor(command, dialect), language: 'sh' }
}

/** Quoted for the far shell. */
export function joinFor(words: readonly string[], dialect: ShellDialect | undefined): string {
  if (dialect === 'posix') return joinPosix(words)
  if (dialect === 'powershell') return joinPowerShell(words)
  if (dialect === 'cmd') return joinCmd(words)
  return refuse(`Arguments cannot be quoted for a far shell that is ${dialect ?? 'unknown'}.`, 'Pass the command as one string, written for that shell.')
}

/** One value of a template, quoted for the far shell; an array becomes several words. */
export function quoteFor(value: unknown, dialect: ShellDialect | undefined): string {
  if (Array.isArray(value)) return value.map((item) => quoteFor(item, dialect)).join(' ')
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') throw new TypeError('A value in a command template must be a string, a number, a boolean, or an array of them.')
  if (dialect === 'posix') return quotePosix(String(value))
  if (dialect === 'powershell') return quotePowerShell(String(value))
  return joinFor([String(value)], dialect)
}
