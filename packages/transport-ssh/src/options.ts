// Every option of ssh:// as data. Nothing here that reads a local file, chooses an endpoint or weakens a check may come from a URL.
import { TransportError } from '@train-ts/core'
import type { OptionSpec, Secret, Target } from '@train-ts/core'

/** One offered host key, for a `hostKeys` function. */
export interface HostKeyInfo {
  readonly host: string
  readonly port: number
  readonly keyType: string
  readonly key: Uint8Array
  /** `SHA256:…` */
  readonly fingerprint: string
  /** What known_hosts says. A revoked key is never asked about. */
  readonly status: 'known' | 'unknown' | 'changed'
  /** The known_hosts line that decided the status. */
  readonly file: string | undefined
  readonly line: number | undefined
}

/** Only `true` accepts; anything else, a rejection and two minutes of silence refuse. */
export type HostKeyCheck = (info: HostKeyInfo) => boolean | Promise<boolean>

export interface SshOptions {
  readonly host: string
  readonly port: number | undefined
  readonly user: string | undefined
  readonly password: Secret | undefined
  readonly keyFiles: readonly string[] | undefined
  readonly privateKey: Secret | undefined
  readonly passphrase: Secret | undefined
  readonly agent: string | boolean | undefined
  readonly identitiesOnly: boolean
  readonly hostKeys: 'strict' | 'accept-new' | HostKeyCheck
  readonly hostKeyFingerprint: readonly string[] | undefined
  readonly knownHosts: readonly string[] | undefined
  readonly keepalive: boolean
  readonly keepaliveInterval: number
  readonly keepaliveCountMax: number
  readonly maxSessions: number
}

type Given<Value> = Value extends Secret | undefined ? string | Uint8Array | Secret : Value extends readonly string[] | undefined ? string | readonly string[] : Value

/** What a caller writes: text for secrets, one text for a list of one, seconds where the table says so. */
export type GivenSshOptions = { readonly [Name in keyof SshOptions]?: Given<SshOptions[Name]> | undefined }

export const options: { readonly [Name in keyof SshOptions]-?: OptionSpec } = {
  host: { type: 'string', from: 'host', required: true, describe: 'Name or address of the machine.' },
  port: { type: 'integer', from: 'port', describe: 'Port of its SSH server; 22 when nothing else is said.' },
  user: { type: 'string', from: 'user', describe: 'Who logs in; your own name when nothing else is said.' },
  password: { type: 'secret', from: 'password', describe: 'Password of that user. It is sent once, never retried.' },
  keyFiles: { type: 'list', aliases: ['keys', 'identityFile'], describe: 'Private keys by path, tried in this order before anything else.' },
  privateKey: { type: 'secret', aliases: ['keyData'], describe: 'A private key as text.' },
  passphrase: { type: 'secret', describe: 'Opens encrypted keys; without it `onPrompt` is asked.' },
  agent: { type: 'value', describe: 'Socket of an ssh-agent; false for none. Default: SSH_AUTH_SOCK.' },
  identitiesOnly: { type: 'boolean', default: false, aliases: ['keysOnly'], url: true, plain: true, describe: 'Offer no key that is not named here.' },
  hostKeys: { type: 'value', default: 'strict', aliases: ['verifyHostKey'], describe: "'strict': known_hosts must hold the host's key. 'accept-new': an unknown host is added to it. Or a function that decides." },
  hostKeyFingerprint: { type: 'list', aliases: ['fingerprint'], describe: 'The host key must be one of these (`SHA256:…`), whatever known_hosts holds.' },
  knownHosts: { type: 'list', aliases: ['userKnownHostsFile'], describe: 'known_hosts files; new hosts are added to the first. Default: the user\'s and the system\'s.' },
  keepalive: { type: 'boolean', default: true, url: true, plain: true, describe: 'Ask the server now and then whether it is still there.' },
  keepaliveInterval: { type: 'seconds', default: 60, url: true, plain: true, aliases: ['serverAliveInterval'], describe: 'Seconds between two such questions.' },
  keepaliveCountMax: { type: 'integer', default: 3, url: true, plain: true, aliases: ['serverAliveCountMax'], describe: 'Unanswered questions after which the connection counts as lost.' },
  maxSessions: { type: 'integer', default: 7, url: true, plain: true, aliases: ['maxSshConnections'], describe: 'Commands at once on one connection; stock sshd allows 10 and frees them late.' },
}

function invalid(option: string, message: string, hint?: string): TransportError {
  return new TransportError('INVALID_OPTIONS', message, { details: { option }, hint })
}

/** Train's and knife's words for the same thing. `false` and 'never' become a function, because nothing else says that no check happens. */
function hostKeyPolicy(value: unknown): SshOptions['hostKeys'] {
  if (value === 'strict' || value === true || value === 'always' || value === 'yes') return 'strict'
  if (value === 'accept-new' || value === 'accept_new') return 'accept-new'
  if (typeof value === 'function') return value as HostKeyCheck // a function's parameters cannot be seen at run time; its answer is compared with true
  throw invalid('hostKeys', `hostKeys is 'strict', 'accept-new' or a function.`, 'To accept any key, which lets anybody pose as the host, write hostKeys: () => true.')
}

/** A leading dash would be read as an option by every program that gets the name. */
function refuseDash(name: 'host' | 'user', value: string | undefined): void {
  if (value?.startsWith('-')) throw invalid(name, `The ${name} must not begin with a dash.`)
  if (value !== undefined && /[\0-\x20\x7f]/.test(value)) throw invalid(name, `The ${name} must not hold spaces or control characters.`)
}

export function resolve(given: Readonly<SshOptions>, _target: Target): Readonly<SshOptions> {
  refuseDash('host', given.host)
  refuseDash('user', given.user)
  if (given.port !== undefined && (given.port < 1 || given.port > 65535)) throw invalid('port', 'The port is a number from 1 to 65535.')
  if (given.maxSessions < 1) throw invalid('maxSessions', 'maxSessions is at least 1.')
  const { agent } = given
  if (agent !== undefined && typeof agent !== 'string' && typeof agent !== 'boolean') throw invalid('agent', 'agent is the path of a socket, or false.')
  return { ...given, hostKeys: hostKeyPolicy(given.hostKeys) }
}
