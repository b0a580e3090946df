import { joinPosix, quotePosix } from './shell/quote-posix.js'
import { checkEnvironment, wrapPosix } from './shell/wrap.js'
import { refuse } from './capabilities.js'
import type { Command, ExecOptions } from './connection.js'
import type { Capabilities, ShellDialect, Terminal } from './driver.js'
import { TransportError } from './errors.js'
import type { ExecPlan } from './executor.js'
import type { Shell } from './shell-dialect.js'
import { isSecret } from './secret.js'
import type { Secret } from './secret.js'
import type { StdinSource } from './stdin-source.js'

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
  return refuse(`Arguments cannot be quoted for a far shell that is ${dialect ?? 'unknown'}.`, 'Pass the command as one string, written for that shell.')
}

/** One value of a template, quoted for the far shell; an array becomes several words. */
export function quoteFor(value: unknown, dialect: ShellDialect | undefined): string {
  if (Array.isArray(value)) return value.map((item) => quoteFor(item, dialect)).join(' ')
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') throw new TypeError('A value in a command template must be a string, a number, a boolean, or an array of them.')
  return dialect === 'posix' ? quotePosix(String(value)) : joinFor([String(value)], dialect)
}

/** Whether core has to know the far shell before it can send this. */
export function needsShell(command: Command, options: ExecOptions, { kill, env, cwd }: Capabilities): boolean {
  return kill === 'none' || typeof command !== 'string' || (options.env !== undefined && !env) || (options.cwd !== undefined && !cwd)
    || options.umask !== undefined || options.loginShell === true
}

/** Everything of a call in one plan: what the driver takes itself goes beside the command, the rest is wrapped into it or refused. */
export function planExec(what: ExecText, options: ExecOptions, shell: Shell | undefined, capabilities: Capabilities, newToken: () => string): ExecPlan {
  const { env, cwd, umask, loginShell } = options
  checkOptions(options)
  const environment = env === undefined ? undefined : new Map(Object.entries(env))
  const pty = terminalOf(options.pty)
  const posix = shell?.dialect === 'posix'
  const native = { env: capabilities.env ? environment : undefined, cwd: capabilities.cwd ? cwd : undefined }
  const wrapped = { env: capabilities.env ? undefined : environment, cwd: capabilities.cwd ? undefined : cwd }
  const base = { ...native, pty, stdin: stdinOf(options.stdin) }
  if (!posix) {
    const name = wrapped.env !== undefined ? 'env' : wrapped.cwd !== undefined ? 'cwd' : umask !== undefined ? 'umask' : loginShell === true ? 'loginShell' : undefined
    if (name !== undefined) refuse(`This transport takes no ${name}, and core cannot wrap it for a far shell that is ${shell?.dialect ?? 'unknown'}.`, 'Say it in the command itself.')
    return { ...base, command: what.text, mark: undefined }
  }
  const mark = capabilities.kill === 'tree' ? undefined : { token: newToken(), stream: capabilities.stderr && pty === undefined ? 'stderr' : 'stdout', cwd: wrapped.cwd } as const
  const command = wrapPosix({ ...what, ...wrapped, env: plainValues(wrapped.env), umask, loginShell: loginShell === true, bourne: shell.bourne, mark })
  return { ...base, command, mark }
}

function checkOptions({ env, cwd, umask, sudo, reuseShell }: ExecOptions): void {
  if (env !== undefined) checkEnvironment(env)
  if (cwd?.includes('\0') === true || cwd === '') throw new TransportError('INVALID_OPTIONS', 'cwd must be the path of a directory.', { details: { option: 'cwd' } })
  if (umask !== undefined && !(Number.isInteger(umask) && umask >= 0 && umask <= 0o777)) throw new TransportError('INVALID_OPTIONS', 'umask must be an integer from 0 to 0o777.', { details: { option: 'umask' } })
  if (sudo !== undefined && sudo !== false) refuse('sudo is not supported yet.', 'Connect as the user that the command needs.')
  if (reuseShell === true) refuse('reuseShell is not supported yet.', 'Leave it out: each command gets a process of its own.')
}

function plainValues(env: ReadonlyMap<string, string | Secret> | undefined): ReadonlyMap<string, string> | undefined {
  if (env === undefined) return undefined
  const plain = new Map<string, string>()
  for (const [name, value] of env) {
    if (isSecret(value)) refuse(`The secret ${name} would stand in the command line of the far side.`, 'Send it on stdin, or use a transport whose capabilities have env and privateInput.')
    plain.set(name, value)
  }
  return plain
}

function stdinOf(stdin: ExecOptions['stdin']): StdinSource | undefined {
  return stdin
}

function terminalOf(pty: ExecOptions['pty']): Terminal | undefined {
  if (pty === undefined || pty === false) return undefined
  return { columns: 80, rows: 24, term: 'xterm', ...(pty === true ? {} : pty) }
}
