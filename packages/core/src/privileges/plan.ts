import { refuse } from '../capabilities.js'
import type { Terminal } from '../driver.js'
import { revealed } from '../prepared-exec.js'
import type { PlanInput, Prepared } from '../prepared-exec.js'
import { isSecret } from '../secret.js'
import { wrapPosix } from '../shell/wrap.js'
import { Dialogue } from './dialogue.js'
import type { Elevation } from './elevation.js'
import { envelope } from './envelope.js'

/**
 * A call as another user. Everything of the command, its redirections, directory, umask and environment included, is inside the script that the other
 * user's `sh` runs; only the envelope is outside.
 */
export function planElevated(input: PlanInput, elevation: Elevation, pty: Terminal | undefined): Prepared {
  const { what, options, shell, capabilities, newToken } = input
  if (elevation.method === 'runas' || shell?.dialect !== 'posix')
    return refuse(
      `This transport cannot run a command as another user by ${elevation.method}.`,
      'sudo, su and doas need a POSIX shell on the far side.',
      'run-as',
    )
  const isLive = capabilities.stdin === 'live'
  const isPrivate = isLive && capabilities.privateInput
  if (elevation.password !== undefined && !isPrivate)
    refuse('This transport has no private stdin for a password.', 'Give the user a NOPASSWD rule, or use another transport.', 'sudo-password')
  if (elevation.method === 'doas' && elevation.password !== undefined && pty === undefined)
    refuse('doas reads a password from a terminal only.', 'Add pty: true, or a nopass rule in doas.conf.', 'doas-password')
  const env = options.env === undefined ? undefined : new Map(Object.entries(options.env))
  const onStdin = isLive && pty === undefined
  if (env !== undefined && [...env.values()].some(isSecret) && !(isPrivate && onStdin))
    refuse(
      'A secret in env would be shown or stored by this transport.',
      'Use a transport whose capabilities have privateInput and a live stdin, without pty.',
      'secret',
    )

  const stream = capabilities.stderr && pty === undefined ? 'stderr' : 'stdout'
  const mark = { token: newToken(), stream, cwd: options.cwd } as const
  const outer = capabilities.kill === 'tree' ? undefined : mark
  const token = newToken()
  const inner = wrapPosix({
    text: what.text,
    language: 'sh',
    bourne: true,
    env: revealed(env),
    cwd: options.cwd,
    umask: options.umask,
    loginShell: options.loginShell === true,
    mark,
  })
  const text = envelope({ elevation, token, script: onStdin ? { way: 'stdin' } : { way: 'argument', text: inner }, hasTerminal: pty !== undefined })
  const command = wrapPosix({
    text,
    language: 'sh',
    bourne: shell.bourne,
    env: undefined,
    cwd: undefined,
    umask: undefined,
    loginShell: false,
    mark: outer,
  })
  const head = onStdin ? Buffer.from(`${inner}\n${token}\n`) : undefined
  const dialogue = new Dialogue({ elevation, token, stream, hasTerminal: pty !== undefined, head, stdin: options.stdin, mark })
  return {
    plan: { command, stdin: isLive ? dialogue.stdin() : options.stdin, env: undefined, cwd: undefined, runAs: undefined, pty, mark: outer },
    dialogue,
    elevation,
  }
}
