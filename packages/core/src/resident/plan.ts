import { revealed } from '../prepared-exec.js'
import type { PlanInput, Prepared } from '../prepared-exec.js'
import { isSecret } from '../secret.js'
import { wrapPosix } from '../shell/wrap.js'
import { maxFrameInput } from './residents.js'
import type { Residents } from './residents.js'

/**
 * A user's command as a frame of the resident shell. Undefined where it takes a process of its own: with a terminal, as another user, with a secret (a
 * frame's text is an argument), with more input than a frame carries, or through a login shell that is not like sh.
 */
export function planResident({ what, options, elevation, shell, newToken }: PlanInput, residents: Residents): Prepared | undefined {
  const { stdin, env, cwd, umask } = options
  const isSmall = stdin === undefined || ((typeof stdin === 'string' || stdin instanceof Uint8Array) && Buffer.byteLength(stdin) <= maxFrameInput)
  const isPlain = env === undefined || !Object.values(env).some(isSecret)
  if (shell === undefined || elevation !== undefined || !isSmall || !isPlain || options.loginShell === true || (options.pty ?? false) !== false)
    return undefined
  if (what.language === 'login' && !shell.bourne) return undefined
  const session = residents.commands(shell, what.language === 'login' ? '"${SHELL:-/bin/sh}"' : 'sh')
  if (session === undefined) return undefined
  const mark = { token: newToken(), stream: 'stderr', cwd } as const
  const values = env === undefined ? undefined : revealed(new Map(Object.entries(env)))
  const command = wrapPosix({ text: what.text, language: 'sh', bourne: true, env: values, cwd, umask, loginShell: false, mark })
  return { plan: { command, stdin, env: undefined, cwd: undefined, runAs: undefined, pty: undefined, mark }, resident: { session } }
}
