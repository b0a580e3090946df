import { refuse } from './capabilities.js'
import type { Command, ExecOptions } from './connection.js'
import type { Capabilities, Terminal } from './driver.js'
import { TransportError } from './errors.js'
import { revealed } from './prepared-exec.js'
import type { PlanInput, Prepared } from './prepared-exec.js'
import { planElevated } from './privileges/plan.js'
import type { Elevation } from './privileges/elevation.js'
import { isSecret } from './secret.js'
import type { Secret } from './secret.js'
import type { Shell } from './shell-dialect.js'
import { bootScript } from './shell/script.js'
import { quotePosix } from './shell/quote-posix.js'
import { checkEnvironment, wrapPosix } from './shell/wrap.js'
import type { StdinSource } from './stdin-source.js'

/** Whether core has to know the far shell before it can send this. */
export function needsShell(
  command: Command,
  options: ExecOptions,
  elevation: Elevation | undefined,
  { kill, env, cwd, runAs }: Capabilities,
): boolean {
  return (
    kill === 'none' ||
    typeof command !== 'string' ||
    (options.env !== undefined && !env) ||
    (options.cwd !== undefined && !cwd) ||
    options.umask !== undefined ||
    options.loginShell === true ||
    (elevation !== undefined && !runAs)
  )
}

/** Everything of a call in one plan: what the driver takes itself goes beside the command, the rest is wrapped into it or refused. */
export function planExec(input: PlanInput): Prepared {
  const { what, options, elevation, shell, capabilities, newToken } = input
  checkOptions(options)
  const pty = terminalOf(options.pty)
  const runAs = elevation === undefined || !capabilities.runAs ? undefined : { user: elevation.user ?? 'root', password: elevation.password }
  if (elevation !== undefined && runAs === undefined) return planElevated(input, elevation, pty)
  const env = options.env === undefined ? undefined : new Map(Object.entries(options.env))
  const native = { env: capabilities.env ? env : undefined, cwd: capabilities.cwd ? options.cwd : undefined, runAs, pty, stdin: options.stdin }
  if (native.env !== undefined && hasSecret(native.env) && !capabilities.privateInput) refuseSecret()
  const wrapped = { env: capabilities.env ? undefined : env, cwd: capabilities.cwd ? undefined : options.cwd }
  if (shell?.dialect !== 'posix')
    return {
      plan: {
        ...native,
        command: unwrapped(
          what.text,
          {
            env: wrapped.env !== undefined,
            cwd: wrapped.cwd !== undefined,
            umask: options.umask !== undefined,
            loginShell: options.loginShell === true,
          },
          shell,
        ),
        mark: undefined,
      },
    }
  // A driver that kills by itself needs no marked line, but a directory that cannot be entered is said by one.
  const isMarked = capabilities.kill === 'none' || wrapped.cwd !== undefined
  const mark = isMarked ? ({ token: newToken(), stream: capabilities.stderr && pty === undefined ? 'stderr' : 'stdout', cwd: wrapped.cwd } as const) : undefined
  const wrapping = { umask: options.umask, loginShell: options.loginShell === true, bourne: shell.bourne, mark }
  if (wrapped.env !== undefined && hasSecret(wrapped.env)) {
    const { command, stdin } = throughStdin(input, { ...wrapping, ...wrapped, env: wrapped.env }, pty)
    return { plan: { ...native, command, stdin, mark } }
  }
  return { plan: { ...native, command: wrapPosix({ ...wrapping, ...what, cwd: wrapped.cwd, env: revealed(wrapped.env) }), mark } }
}

/** A far shell that core cannot wrap for takes the text as it stands, or nothing. */
function unwrapped(text: string, asked: Readonly<Record<'env' | 'cwd' | 'umask' | 'loginShell', boolean>>, shell: Shell | undefined): string {
  const name = Object.entries(asked).find(([, isAsked]) => isAsked)?.[0]
  if (name !== undefined)
    refuse(
      `This transport takes no ${name}, and core cannot wrap it for a far shell that is ${shell?.dialect ?? 'unknown'}.`,
      'Say it in the command itself.',
    )
  return text
}

type Wrapping = Omit<Parameters<typeof wrapPosix>[0], 'text' | 'language' | 'env'> & { readonly env: ReadonlyMap<string, string | Secret> }

/** Secrets of the environment travel on stdin, ahead of the user's own, and never in the command line. */
function throughStdin(
  { what, options, capabilities, newToken }: PlanInput,
  wrapping: Wrapping,
  pty: Terminal | undefined,
): { readonly command: string; readonly stdin: StdinSource } {
  if (capabilities.stdin !== 'live' || !capabilities.privateInput || pty !== undefined) refuseSecret()
  const { env, loginShell, bourne, mark, ...place } = wrapping
  const text = what.language === 'login' && !loginShell ? `exec "\${SHELL:-/bin/sh}" -c ${quotePosix(what.text)}` : what.text
  const inner = wrapPosix({ ...bare, ...place, text, language: 'sh', loginShell, env: revealed(env) })
  const { text: boot, head } = bootScript(inner, newToken())
  const command = wrapPosix({ ...bare, bourne, text: boot, language: 'sh', mark })
  return { command, stdin: prepend(head, options.stdin) }
}

const bare = { env: undefined, cwd: undefined, umask: undefined, loginShell: false, bourne: true, mark: undefined } as const

/** The user's stdin behind a head of core's own. */
export async function* prepend(head: Uint8Array, source: StdinSource | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  yield head
  if (typeof source === 'string') yield Buffer.from(source)
  else if (source instanceof Uint8Array) yield source
  else if (source !== undefined) yield* source
}

export function checkOptions({ env, cwd, umask }: ExecOptions): void {
  if (env !== undefined) checkEnvironment(env)
  if (cwd?.includes('\0') === true || cwd === '')
    throw new TransportError('INVALID_OPTIONS', 'cwd must be the path of a directory.', { details: { option: 'cwd' } })
  if (umask !== undefined && !(Number.isInteger(umask) && umask >= 0 && umask <= 0o777))
    throw new TransportError('INVALID_OPTIONS', 'umask must be an integer from 0 to 0o777.', { details: { option: 'umask' } })
}

function hasSecret(env: ReadonlyMap<string, string | Secret>): boolean {
  return [...env.values()].some(isSecret)
}

function refuseSecret(): never {
  return refuse(
    'A secret in env would be shown or stored by this transport.',
    'Use a transport whose capabilities have privateInput and a live stdin, without pty.',
    'secret',
  )
}

function terminalOf(pty: ExecOptions['pty']): Terminal | undefined {
  if (pty === undefined || pty === false) return undefined
  return { columns: 80, rows: 24, term: 'xterm', ...(pty === true ? {} : pty) }
}
