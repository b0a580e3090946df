import type { Sudo } from '../connection.js'
import { TransportError } from '../errors.js'
import { isSecret, secret } from '../secret.js'
import type { Secret } from '../secret.js'

/** Another user for a call, and the way to become one. */
export interface Elevation {
  readonly method: 'sudo' | 'su' | 'doas' | 'runas'
  /** Default: root. */
  readonly user: string | undefined
  readonly password: Secret | undefined
  /** Another program in sudo's place. */
  readonly command: string | undefined
}

/** What the connection's own options say, as `connect` has them. */
export interface ElevationDefaults {
  readonly sudo?: boolean | undefined
  readonly sudoMethod?: Elevation['method'] | undefined
  readonly sudoUser?: string | undefined
  readonly sudoPassword?: Secret | undefined
  readonly sudoCommand?: string | undefined
}

/** A call's `sudo` over the connection's: `false` takes it away, `true` is the connection's way, an object replaces what it names. */
export function elevationOf(call: boolean | Sudo | undefined, defaults: ElevationDefaults): Elevation | undefined {
  if (call === false || (call === undefined && defaults.sudo !== true)) return undefined
  const own = typeof call === 'object' ? call : {}
  const elevation: Elevation = {
    method: own.method ?? defaults.sudoMethod ?? 'sudo',
    user: own.user ?? defaults.sudoUser,
    password: secretOf(own.password) ?? defaults.sudoPassword,
    command: own.command ?? defaults.sudoCommand,
  }
  check(elevation)
  return elevation
}

function secretOf(password: string | Secret | undefined): Secret | undefined {
  return typeof password === 'string' ? secret(password) : isSecret(password) ? password : undefined
}

function check({ user, password, command }: Elevation): void {
  if (user !== undefined && !/^[^\0-\x20:-][^\0-\x20:]*$/.test(user)) throw invalid('user', `${JSON.stringify(user)} is not the name of a user.`)
  if (password !== undefined && /[\n\r\0]/.test(password.reveal())) throw invalid('password', 'A password for sudo cannot contain a line break or NUL: it is sent as a line.')
  if (command === '' || command?.startsWith('-') === true || command?.includes('\0') === true) throw invalid('command', 'The command in sudo\'s place must be the name or path of a program.')
}

function invalid(option: string, message: string): TransportError {
  return new TransportError('INVALID_OPTIONS', message, { details: { option: `sudo.${option}` } })
}
