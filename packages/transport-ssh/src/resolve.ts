// Rules between options. Pure.
import { TransportError } from '@train-ts/core'
import type { Target } from '@train-ts/core'
import type { HostKeyCheck, HostKeyMode } from './host-key-info.js'
import type { SshOptions } from './options.js'

function invalid(option: string, message: string, hint?: string): TransportError {
  return new TransportError('INVALID_OPTIONS', message, { details: { option }, hint })
}

/** Train's and knife's words for the same thing. */
function hostKeyMode(value: unknown): HostKeyMode | undefined {
  if (value === undefined) return undefined
  if (value === 'strict' || value === true || value === 'always' || value === 'yes') return 'strict'
  if (value === 'accept-new' || value === 'accept_new') return 'accept-new'
  if (typeof value === 'function') return value as HostKeyCheck // a function's parameters cannot be seen at run time; its answer is compared with true
  throw invalid('hostKeys', "hostKeys must be 'strict', 'accept-new' or a function.", 'To accept any key, which lets anybody pose as the host, write hostKeys: () => true.')
}

/** A leading dash would be read as an option by every program that gets the name. */
export function refuseDash(option: string, value: string | undefined): void {
  if (value?.startsWith('-')) throw invalid(option, `${option} must not begin with a dash.`)
  if (value !== undefined && /\s|\p{Cc}/u.test(value)) throw invalid(option, `${option} must not hold spaces or control characters.`)
}

export function resolve(given: Readonly<SshOptions>, _target: Target): Readonly<SshOptions> {
  for (const name of ['host', 'user', 'bastionHost', 'bastionUser'] as const) refuseDash(name, given[name])
  if (given.maxSessions < 1) throw invalid('maxSessions', 'maxSessions must be at least 1.')
  const { agent, sshConfig, setEnv } = given
  if (agent !== undefined && typeof agent !== 'string' && typeof agent !== 'boolean') throw invalid('agent', 'agent must be the path of a socket, or false.')
  if (typeof sshConfig !== 'boolean' && ![sshConfig].flat().every((path) => typeof path === 'string')) throw invalid('sshConfig', 'sshConfig must be true, false or paths.')
  if (setEnv !== undefined && !Object.values(setEnv).every((value) => typeof value === 'string')) throw invalid('setEnv', 'setEnv must hold strings.')
  const ways = [given.proxyJump, given.proxyCommand, given.bastionHost].filter((way) => way !== undefined)
  if (ways.length > 1) throw invalid('proxyCommand', 'Give only one of proxyJump, proxyCommand and bastionHost.')
  if (given.bastionHost === undefined && (given.bastionUser ?? given.bastionPort) !== undefined) throw invalid('bastionHost', 'bastionUser and bastionPort need a bastionHost.')
  return { ...given, hostKeys: hostKeyMode(given.hostKeys) }
}
