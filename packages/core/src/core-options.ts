// The options of `connect` that are core's own, for every transport, as the same kind of table as the drivers'.
import type { Connection } from './connection.js'
import type { AnyDriver, OptionSpec } from './driver.js'
import type { Secret } from './secret.js'

/** What core itself works with, after coercion: durations in milliseconds, secrets wrapped. `sudo: { … }` has been spread over the five. */
export interface CoreOptions {
  readonly signal?: AbortSignal
  /** All that `connect` asks of a registry. */
  readonly registry?: { lookup(scheme: string): Promise<AnyDriver> }
  readonly via?: Connection | string | URL
  readonly connectTimeout: number
  readonly commandTimeout?: number
  readonly waitUntilReady?: number
  readonly proxy?: string
  readonly allowFromUrl?: readonly string[]
  readonly onNotice?: (notice: { readonly code: string; readonly message: string }) => void
  readonly onPrompt?: (prompt: { readonly message: string; readonly echo: boolean }) => string | Promise<string>
  readonly audit?: unknown
  readonly sudo?: boolean
  readonly sudoMethod?: 'sudo' | 'su' | 'doas' | 'runas'
  readonly sudoUser?: string
  readonly sudoPassword?: Secret
  readonly sudoCommand?: string
  readonly loginShell?: boolean
  readonly reuseShell?: boolean
}

/** Nothing here with `url: true` runs a program, reads a local file, chooses an endpoint or weakens a check. */
export const coreOptions: { readonly [Name in keyof CoreOptions]-?: OptionSpec } = {
  signal: { type: 'value', describe: 'An AbortSignal that ends the attempt to connect.' },
  registry: { type: 'value', describe: 'Where schemes are looked up; default: the one that registerTransport fills.' },
  via: { type: 'value', describe: 'A connection, or the URL of one, through which this one goes.' },
  connectTimeout: {
    type: 'milliseconds',
    default: 30_000,
    aliases: [{ name: 'connection_timeout', type: 'seconds' }],
    url: true,
    plain: true,
    describe: 'How long an attempt to connect may take.',
  },
  commandTimeout: { type: 'milliseconds', url: true, plain: true, describe: 'How long a command may run whose call says nothing else; then it is stopped on the far side.' },
  waitUntilReady: {
    type: 'milliseconds',
    aliases: [{ name: 'max_wait_until_ready', type: 'seconds' }],
    url: true,
    plain: true,
    describe: 'For how long to try again while the machine cannot be reached. A refused login is never repeated.',
  },
  proxy: { type: 'string', describe: 'A SOCKS proxy for whatever goes to the network: socks5h://host:port.' },
  allowFromUrl: { type: 'value', describe: 'Names of options that the URL may set although their table says no.' },
  onNotice: { type: 'value', describe: 'A function that receives what you should know: banners, fallbacks.' },
  onPrompt: { type: 'value', describe: 'A function that answers questions: a second factor, a passphrase.' },
  audit: { type: 'value', describe: 'Receives a record of every operation.' },
  sudo: { type: 'boolean', describe: 'Run commands as another user, root by default; or { method, user, password, command }.' },
  sudoMethod: { type: 'string', values: ['sudo', 'su', 'doas', 'runas'], plain: true, describe: 'The way to become that user.' },
  sudoUser: { type: 'string', plain: true, describe: 'The user to become.' },
  sudoPassword: { type: 'secret', describe: 'What sudo asks for.' },
  sudoCommand: { type: 'string', describe: "A program in sudo's place." },
  loginShell: { type: 'boolean', url: true, plain: true, describe: "Run commands through the user's login shell, with its profile (Train's shell: true)." },
  reuseShell: { type: 'boolean', plain: true, describe: "Run commands in the connection's resident shell instead of fresh processes." },
}

/** What a value that is no text must be; read after "must be ". */
export const coreChecks: { readonly [Name in keyof CoreOptions]?: readonly [what: string, check: (value: unknown) => boolean] } = {
  signal: ['an AbortSignal', (value) => value instanceof AbortSignal],
  registry: ['a registry', (value) => isObject(value) && typeof value['lookup'] === 'function'],
  via: ['a connection or a URL', (value) => typeof value === 'string' || value instanceof URL || (isObject(value) && typeof value['run'] === 'function')],
  allowFromUrl: ['a list of names of options', (value) => Array.isArray(value) && value.every((name) => typeof name === 'string')],
  onNotice: ['a function', (value) => typeof value === 'function'],
  onPrompt: ['a function', (value) => typeof value === 'function'],
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
