import { randomBytes } from 'node:crypto'
import { checkSignal } from './call-scope.js'
import { Commands } from './commands.js'
import type { Connection } from './connection.js'
import type { CoreOptions } from './core-options.js'
import { dialDirect, dialThrough } from './dial.js'
import type { Dial } from './dial.js'
import { wrapDriverError } from './driver-error.js'
import type { AnyDriver, TransportDriver } from './driver.js'
import { TransportError, withAdditions } from './errors.js'
import { resolveOptions } from './options.js'
import type { ResolvedOptions } from './options.js'
import { createRedactor } from './redact.js'
import type { Redactor } from './redact.js'
import { defaultRegistry } from './default-registry.js'
import type { Registry } from './registry.js'
import { ScriptCommands } from './script-commands.js'
import { SessionConnection } from './session-connection.js'
import { SessionSource } from './session-source.js'
import { parseTarget } from './target.js'
import type { ParsedTarget } from './target.js'
import { openWhenReady } from './wait-until-ready.js'

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
  /** Receives what you should know: banners, fallbacks. */
  readonly onNotice?: ((notice: { readonly code: string; readonly message: string }) => void) | undefined
  /** Answers questions: a second factor, a passphrase. */
  readonly onPrompt?: ((prompt: { readonly message: string; readonly echo: boolean }) => string | Promise<string>) | undefined
}

type SchemeOf<Url extends string> = Url extends `${infer Scheme}:${string}` ? Lowercase<Scheme> : string
type OptionsOf<Url extends string> = SchemeOf<Url> extends keyof TransportOptionsMap ? Partial<TransportOptionsMap[SchemeOf<Url>]> & Readonly<Record<string, unknown>> : Readonly<Record<string, unknown>>

/**
 * Connects to the machine that `url` names, over the transport of its scheme: `local:`, `ssh://user@host`, `awsssm://i-0123456789abcdef0`,
 * `winrm://host`, `serial:///dev/ttyUSB0`, or one that you registered. Explicit options win over the URL.
 *
 * Rejects with INVALID_TARGET, INVALID_OPTIONS, TRANSPORT_NOT_FOUND or TRANSPORT_LOAD_FAILED before anything is sent, with CONNECT_FAILED,
 * AUTH_FAILED, HOST_KEY_REJECTED, CERTIFICATE_REJECTED, TIMEOUT or ABORTED after; then no socket and no process is left.
 */
export async function connect<Url extends string>(url: Url | URL, options: ConnectOptions & OptionsOf<Url> = {} as ConnectOptions & OptionsOf<Url>): Promise<Connection> { // nothing in it is required
  const parsed = parseTarget(url)
  const registry = options.registry ?? defaultRegistry
  const driver = await registry.lookup(parsed.scheme)
  return open(driver, parsed, options)
}

/** Connects by a driver at hand, without a URL and a registry. */
export async function connectWith<Options extends object, Native>(driver: TransportDriver<Options, Native>, options: Partial<Options> & ConnectOptions = {}): Promise<Connection> {
  return open(driver as AnyDriver, undefined, options) // AnyDriver is any TransportDriver, its options' type forgotten
}

async function open(driver: AnyDriver, parsed: ParsedTarget | undefined, given: object): Promise<Connection> {
  const resolved = resolveOptions(driver, parsed, given)
  const redactor = createRedactor(resolved.secrets)
  try {
    return await openResolved(driver, resolved, redactor)
  } catch (error) {
    const failure = wrapDriverError(error, 'CONNECT_FAILED')
    throw redactor.error(withAdditions(failure, { operation: failure.operation ?? 'connect', target: failure.target ?? resolved.display, summary: redactor.text(failure.summary), cause: failure.code === 'ABORTED' ? failure.cause : redactor.error(failure.cause) }))
  }
}

async function openResolved(driver: AnyDriver, resolved: ResolvedOptions, redactor: Redactor): Promise<Connection> {
  const { core, display } = resolved
  refuseUnsupported(core)
  checkSignal(core.signal, 'connect')
  const { dial, closeBeneath } = await network(driver, core)
  try {
    const source = new SessionSource({
      driver, options: resolved.options, connectTimeout: core.connectTimeout,
      context: {
        dial,
        notice: ({ code, message }) => core.onNotice?.({ code, message: redactor.text(message) }),
        prompt: async (prompt) => {
          if (core.onPrompt === undefined) throw new TransportError('AUTH_FAILED', `The far side asks: ${prompt.message}`, { hint: 'Give the answer by an option, or listen with onPrompt.', details: { reason: 'no-prompt' } })
          return core.onPrompt(prompt)
        },
      },
    })
    await openWhenReady(source, core.waitUntilReady, core.signal)
    const newToken = (): string => randomBytes(12).toString('hex')
    const commands = new Commands({ source, newToken, commandTimeout: core.commandTimeout, elevation: core, loginShell: core.loginShell === true, reuseShell: core.reuseShell === true })
    const scripts = new ScriptCommands(commands, source, newToken)
    return new SessionConnection({ driver, target: display, source, commands, scripts, redactor, closeBeneath })
  } catch (error) {
    await closeBeneath()
    throw error
  }
}

/** How this driver reaches the network: direct, or through another connection, which is opened here when a URL names it. */
async function network(driver: AnyDriver, core: CoreOptions): Promise<{ readonly dial: Dial; readonly closeBeneath: () => Promise<void> }> {
  const { via } = core
  if (via === undefined) return { dial: dialDirect, closeBeneath: () => Promise.resolve() }
  if (driver.dials !== true) throw new TransportError('UNSUPPORTED', `${driver.name} cannot go through another connection.`, { hint: 'Leave out via.', details: { reason: 'via' } })
  if (typeof via !== 'string' && !(via instanceof URL)) return { dial: dialThrough(via), closeBeneath: () => Promise.resolve() }
  const beneath = await connect(via, { signal: core.signal, registry: core.registry as Registry | undefined, connectTimeout: core.connectTimeout, onNotice: core.onNotice, onPrompt: core.onPrompt }) // its lookup() is all that is asked of it
  return { dial: dialThrough(beneath), closeBeneath: () => beneath.close() }
}

function refuseUnsupported(core: CoreOptions): void {
  const names = (['proxy', 'audit'] as const).filter((name) => core[name] !== undefined && core[name] !== false)
  if (names.length > 0) throw new TransportError('UNSUPPORTED', `The option ${names.join(', ')} of connect is not supported yet.`, { hint: 'Leave it out.' })
}
