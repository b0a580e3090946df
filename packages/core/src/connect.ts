import type { Connection } from './connection.js'
import type { CoreOptions } from './core-options.js'
import { defaultRegistry } from './default-registry.js'
import type { TransportDriver } from './driver.js'
import { openConnection } from './open-connection.js'
import { prepare } from './prepare.js'
import type { PreparedTarget } from './prepare.js'
import type { Registry } from './registry.js'
import { parseTarget } from './target.js'

/** Options of transports by URL scheme. Transport packages add theirs by declaration merging, so that `connect('ssh://…', { … })` is checked. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, since only interfaces merge
export interface TransportOptionsMap {}

/** Options of `connect` for every transport. Train's snake_case names are accepted too. */
export interface ConnectOptions {
  /** Ends the attempt to connect: ABORTED. */
  readonly signal?: AbortSignal | undefined
  /** Where schemes are looked up; default: the registry of `registerTransport`. */
  readonly registry?: Registry | undefined
  /** A connection to go through (its owner closes it), or the URL of one (closed with this one). Host keys and credentials are checked per hop. */
  readonly via?: Connection | string | URL | undefined
  /** Milliseconds for an attempt to connect and log in; default 30,000. */
  readonly connectTimeout?: number | undefined
  /** Milliseconds for each command whose call gives no `timeout`; default: none. */
  readonly commandTimeout?: number | undefined
  /** Milliseconds for which CONNECT_FAILED is tried again, for a machine that boots. A refused login never is. */
  readonly waitUntilReady?: number | undefined
  /** Names of options that the URL may set although their table says no. Only for URLs that you wrote yourself. */
  readonly allowFromUrl?: readonly string[] | undefined
  /** A proxy for whatever goes to the network: `socks5h://host:port` (names are resolved there), `socks5://`, `http://`, each with `user:password@` if it asks. */
  readonly proxy?: string | undefined
  /** Receives what you should know: banners, fallbacks. */
  readonly onNotice?: ((notice: { readonly code: string; readonly message: string }) => void) | undefined
  /** Answers questions: a second factor, a passphrase. */
  readonly onPrompt?: ((prompt: { readonly message: string; readonly echo: boolean }) => string | Promise<string>) | undefined
}

type SchemeOf<Url extends string> = Url extends `${infer Scheme}:${string}` ? Lowercase<Scheme> : string
type OptionsOf<Url extends string> =
  SchemeOf<Url> extends keyof TransportOptionsMap
    ? Partial<TransportOptionsMap[SchemeOf<Url>]> & Readonly<Record<string, unknown>>
    : Readonly<Record<string, unknown>>

/**
 * Connects to the machine that `url` names, over the transport of its scheme: `local:`, `ssh://user@host`, `awsssm://i-0123456789abcdef0`,
 * `winrm://host`, `serial:///dev/ttyUSB0`, or one that you registered. Explicit options win over the URL.
 *
 * Rejects with INVALID_TARGET, INVALID_OPTIONS, TRANSPORT_NOT_FOUND or TRANSPORT_LOAD_FAILED before anything is sent, with CONNECT_FAILED,
 * AUTH_FAILED, HOST_KEY_REJECTED, CERTIFICATE_REJECTED, TIMEOUT or ABORTED after; then no socket and no process is left.
 */
export async function connect<Url extends string>(
  url: Url | URL,
  options?: ConnectOptions & OptionsOf<Url>,
): Promise<Connection> {
  return connectPrepared(await prepareUrl(url, options ?? {}))
}

/** Connects by a driver at hand, without a URL and a registry. */
export async function connectWith<Options extends object, Native>(
  driver: TransportDriver<Options, Native>,
  options: Partial<Options> & ConnectOptions = {},
): Promise<Connection> {
  return connectPrepared(prepare(driver, undefined, options))
}

async function connectVia(url: string | URL, core: CoreOptions): Promise<Connection> {
  const { signal, connectTimeout, onNotice, onPrompt, proxy } = core
  return connect(url, {
    signal,
    registry: core.registry as Registry | undefined, // its lookup() is all that is asked of it
    connectTimeout,
    onNotice,
    onPrompt,
    ...(proxy === undefined ? {} : { proxy }),
  })
}

/** A URL with its driver, checked: all that can be refused before anything is sent. */
export async function prepareUrl(url: string | URL, options: ConnectOptions): Promise<PreparedTarget> {
  const parsed = parseTarget(url)
  const driver = await (options.registry ?? defaultRegistry).lookup(parsed.scheme)
  return prepare(driver, parsed, options)
}

export function connectPrepared(prepared: PreparedTarget): Promise<Connection> {
  return openConnection(prepared, connectVia)
}
