// What transport authors implement: types and their contracts, no code. Two rules: what an author leaves out means the cautious
// answer, and what a driver declares is enforced once in core (UNSUPPORTED, before anything is sent) and proved by the kit.
import type { Duplex } from 'node:stream'
import type { ErrorCode } from './error-code.js'
import type { Secret } from './secret.js'

/** The language in which `command` is written. 'none': no shell at all (a network device's own command line). */
export type ShellDialect = 'posix' | 'powershell' | 'cmd' | 'none'

/** Bytes where a POSIX name is not valid UTF-8. */
export type RemotePath = string | Uint8Array

export interface TransportDriver<Options extends object = object, Native = unknown> {
  /** npm package name, for messages. */
  readonly name: string
  readonly specVersion: 1
  /** Lower-case schemes that it serves, e.g. ['serial', 'serial+tcp']. */
  readonly schemes: readonly string[]
  /** Every option as data: core coerces, refuses, suggests, redacts and documents from it. */
  readonly options: { readonly [Name in keyof Options]-?: OptionSpec }
  /** True: every byte to the network goes through `context.dial`. Otherwise core refuses `via` for it. */
  readonly dials?: boolean
  /** Rules between options, after coercion and before `required` is checked; pure and synchronous; throws INVALID_OPTIONS. */
  resolve?(options: Readonly<Options>, target: Target): Readonly<Options>
  /** Reaches and authenticates one node. Releases everything that it took when it rejects. */
  open(options: Readonly<Options>, context: OpenContext): Promise<Session<Native>>
  /** All targets of one `fleet` call, where the transport has a call for many. Without it core opens a session per node. */
  openFleet?(targets: readonly Readonly<Options>[], context: OpenContext): Promise<FleetSession>
}

export interface OptionSpec {
  /** 'seconds' is Train's unit: `open` receives milliseconds. 'value' is an object or a function, never from a URL. */
  readonly type: 'string' | 'boolean' | 'integer' | 'seconds' | 'milliseconds' | 'list' | 'secret' | 'value'
  /** The part of the URL that sets it. */
  readonly from?: 'host' | 'port' | 'user' | 'password' | 'path'
  readonly required?: boolean
  readonly default?: unknown
  readonly values?: readonly string[]
  /** Train's names and other old spellings, with their own unit where it differs. */
  readonly aliases?: readonly (string | { readonly name: string; readonly type: 'seconds' | 'milliseconds' })[]
  /** A family of keys: 'tag:' takes every ?tag:X=v into one Record. */
  readonly prefix?: string
  /**
   * True: a URL may set it. Default false, except for what has `from`. Never true for what runs a program, reads a local file, chooses
   * an endpoint or weakens a check.
   */
  readonly url?: boolean
  /** True: its value may be shown in `target` and in logs. Default false. */
  readonly plain?: boolean
  /** One sentence, for --help and the README. */
  readonly describe: string
}

export interface Target {
  readonly scheme: string
  readonly host: string | undefined
  readonly port: number | undefined
  readonly user: string | undefined
  readonly path: string | undefined
}

export interface CallContext {
  /** Always there, one per call: the only way in which core stops you (abort, timeout, break, close). That of `open` is not aborted after `open` settled. */
  readonly signal: AbortSignal
}

export interface OpenContext extends CallContext {
  /** A byte stream to host:port, direct or through `via`. */
  dial(host: string, port: number, context: CallContext): Promise<Duplex>
  /** Something that the user should know (a banner, a fallback). Never an error, never a secret. */
  notice(notice: { readonly code: string; readonly message: string }): void
  /** The session died on its own; at any time after `open` resolved. */
  lost(cause: unknown): void
  /** Asks the user (second factor, passphrase). Rejects with AUTH_FAILED where nobody listens. */
  prompt(prompt: { readonly message: string; readonly echo: boolean }): Promise<string>
}

export interface Session<Native = unknown> {
  /** Constant for the session's life; modes of one driver may differ. What is left out is the cautious answer. */
  readonly capabilities?: DeclaredCapabilities
  readonly native?: Native
  /**
   * Starts at the first next(): output events, exactly one exit, the end. Throws only when the outcome is unknown.
   * The exit comes when the command itself has ended and its streams are at their end, or have been quiet for 250 ms after that:
   * a background child never holds it. Stops reading the far side while nobody pulls.
   */
  exec(request: ExecRequest): AsyncIterable<ExecEvent>
  /** Idempotent, never throws; resolves when no local socket, timer or process is left. */
  close(): Promise<void>
  /** A native file protocol, complete or absent (SFTP). */
  readonly files?: NativeFiles
  /** Bytes only, where exec is slow for them (S3 beside Run Command). */
  readonly bulk?: BulkTransfer
  /** What is known without asking the far side. */
  platform?(context: CallContext): Promise<PlatformHint>
  /** An interactive terminal as raw bytes; `tty/` builds a Session over it. */
  shell?(terminal: Terminal, context: CallContext): Promise<ShellStream>
  /** From the far side to an address. '', 'localhost' and the target's own name are the far side itself. */
  forward?(to: Address, context: CallContext): Promise<Duplex>
  /** Accepts connections on the far side. */
  listen?(on: Address, context: CallContext): Promise<AsyncIterable<Duplex>>
  /** argv with which a person logs in. No secret in it. */
  loginCommand?(): readonly string[]
}

export interface ExecRequest extends CallContext {
  /** Complete, quoted for `capabilities.shell`, at most `limits.command` bytes. */
  readonly command: string
  /**
   * 'live': pull after the start, send each chunk at once, stop at exit, EPIPE is no error. 'whole': within `limits.stdin`, in memory, may be
   * iterated again, so that BUSY costs nothing. Never rejects (core turns the source's error into an abort); ends at `signal`.
   */
  readonly stdin: AsyncIterable<Uint8Array> | undefined
  /** These four are given only where their capability is true; otherwise core has wrapped them into `command`. */
  readonly env: ReadonlyMap<string, string | Secret> | undefined
  readonly cwd: string | undefined
  readonly pty: Terminal | undefined
  readonly runAs: { readonly user: string; readonly password: Secret | undefined } | undefined
  /** Milliseconds left, for limits that the far side keeps; core aborts `signal` in any case. */
  readonly timeout: number | undefined
}

export type ExecEvent =
  | { readonly type: 'stdout' | 'stderr'; readonly data: Uint8Array }
  /** PowerShell's other streams, decoded. */
  | { readonly type: 'record'; readonly stream: 'warning' | 'verbose' | 'debug' | 'information'; readonly text: string }
  /** `truncated`: streams of which the transport lost a part. */
  | { readonly type: 'exit'; readonly code: number | null; readonly signal: string | null; readonly truncated?: readonly ('stdout' | 'stderr')[] }

export interface Capabilities {
  /** undefined (default): core asks the far side once, when it first has to quote or probe. */
  readonly shell: ShellDialect | undefined
  /** stderr arrives apart from stdout. Default false. */
  readonly stderr: boolean
  /** The command's own exit code, never guessed from its output. Default false. */
  readonly exitCode: boolean
  /** Default 'none'. */
  readonly stdin: 'live' | 'whole' | 'none'
  /** Output is seen before the end. Default false. */
  readonly streaming: boolean
  /**
   * 'tree': after an abort the generator ends (throws) only when the process group and its descendants are gone, or after 5 s; react also while
   * suspended at a yield. 'none' (default): the driver leaves its channel, and core ends them by a second exec where it can.
   */
  readonly kill: 'tree' | 'none'
  /** Any byte survives, both ways. Default false. */
  readonly binary: boolean
  /**
   * stdin and native env are neither stored nor shown by the transport (Run Command stores its parameters). Default false: a Secret,
   * or a password for sudo, is UNSUPPORTED.
   */
  readonly privateInput: boolean
  /** The driver takes these itself. Default false: core wraps or refuses. */
  readonly env: boolean
  readonly cwd: boolean
  readonly pty: boolean
  readonly runAs: boolean
  /**
   * exec, shell and the channel under `files` at once; default 1. BUSY (nothing sent, no stdin pulled) may come from each of them:
   * core lowers its gate and queues again.
   */
  readonly concurrency: number
  /** Bytes; Infinity allowed (a Linux argument: 131,071; cmd.exe: 8,191 characters). Defaults 8,000 · 0 · Infinity · Infinity. */
  readonly limits: { readonly command: number; readonly stdin: number; readonly stdout: number; readonly stderr: number }
}

/** What is left out means the cautious answer; so does a limit that is left out. */
export type DeclaredCapabilities = Partial<Omit<Capabilities, 'limits'>> & { readonly limits?: Partial<Capabilities['limits']> }

/**
 * Complete or absent (without a replacing rename: absent), as the login user: core never uses it for a call under sudo. Where a failure has
 * no `reason`, core asks once by exec.
 */
export interface NativeFiles {
  stat(paths: readonly RemotePath[], options: { readonly follow: boolean }, context: CallContext): Promise<readonly (NativeStat | FileFailure)[]>
  list(path: RemotePath, context: CallContext): AsyncIterable<{ readonly name: RemotePath; readonly stat: NativeStat }>
  read(path: RemotePath, range: { readonly start: number; readonly end: number | undefined }, context: CallContext): AsyncIterable<Uint8Array>
  /** Writes in place. Core alone does the temporary name, hash and rename; progress is what it has been asked for. */
  write(
    path: RemotePath,
    data: AsyncIterable<Uint8Array>,
    options: { readonly flag: 'truncate' | 'exclusive' | 'append'; readonly mode: number | undefined; readonly sync: boolean },
    context: CallContext,
  ): Promise<void>
  /** Replaces an existing target. */
  rename(from: RemotePath, to: RemotePath, context: CallContext): Promise<void>
  remove(path: RemotePath, context: CallContext): Promise<void>
  makeDirectory(path: RemotePath, mode: number | undefined, context: CallContext): Promise<void>
  setStat(path: RemotePath, change: Partial<NativeStat>, context: CallContext): Promise<void>
  readLink(path: RemotePath, context: CallContext): Promise<RemotePath>
  symlink(target: RemotePath, path: RemotePath, context: CallContext): Promise<void>
  realPath(path: RemotePath, context: CallContext): Promise<RemotePath>
  hardLink?(target: RemotePath, path: RemotePath, context: CallContext): Promise<void>
  copy?(from: RemotePath, to: RemotePath, context: CallContext): Promise<void>
  freeSpace?(path: RemotePath, context: CallContext): Promise<number>
}

export interface BulkTransfer {
  /** Below this many bytes core's own way is cheaper. */
  readonly minimumSize: number
  write(path: RemotePath, data: AsyncIterable<Uint8Array>, size: number | undefined, context: CallContext): Promise<void>
  read(path: RemotePath, context: CallContext): AsyncIterable<Uint8Array>
}

export interface NativeStat {
  readonly type: string
  readonly size: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtimeMs: number
}
export interface FileFailure {
  readonly error: 'FILE_NOT_FOUND' | 'PERMISSION_DENIED' | 'FILE_ERROR'
  readonly reason?: 'not-a-directory' | 'is-a-directory' | 'no-space' | 'quota' | 'read-only' | 'exists' | 'loop' | 'name-too-long'
  readonly cause?: unknown
}
export type Address = { readonly host: string; readonly port: number } | { readonly path: string }
export interface Terminal {
  readonly columns: number
  readonly rows: number
  readonly term: string
}
export interface ShellStream extends Duplex {
  resize?(columns: number, rows: number): void
}
export interface PlatformHint {
  readonly family?: string
  readonly name?: string
  readonly release?: string
  readonly arch?: string
}

export interface FleetSession {
  readonly capabilities?: DeclaredCapabilities
  /**
   * One command for all nodes; each ends with an exit event or an error. `node`: the host with which connect would reach it; `index`:
   * which target named it.
   */
  exec(
    request: ExecRequest,
  ): AsyncIterable<{ readonly node: string; readonly index: number } & ({ readonly event: ExecEvent } | { readonly error: unknown })>
  close(): Promise<void>
}

/** A session over nothing but an interactive byte stream; written once, in core (`@train-ts/core/tty`). */
export type OpenTty = (stream: ShellStream, options: TtyOptions, context: OpenContext) => Promise<Session>
export interface TtyOptions {
  readonly dialect: string
  readonly user?: string
  readonly password?: Secret
  readonly prompt?: RegExp
  readonly terminal?: Partial<Terminal>
}

/**
 * What a driver throws: any Error with a code, no import of core needed. Core wraps it once with operation, target and result, and redacts it.
 * Without a code: CONNECT_FAILED from `open`, CONNECTION_LOST after `lost`, else PROTOCOL_ERROR.
 */
export interface DriverError extends Error {
  readonly code: ErrorCode
  readonly details?: object
}

/** Any driver whatever its options: what a registry holds. (`TransportDriver<never>` does not compile over a mapped table.) */
export interface AnyDriver<Native = unknown> {
  readonly name: string
  readonly specVersion: 1
  readonly schemes: readonly string[]
  readonly options: { readonly [name: string]: OptionSpec }
  readonly dials?: boolean
  resolve?(options: never, target: Target): object
  open(options: never, context: OpenContext): Promise<Session<Native>>
  openFleet?(targets: never, context: OpenContext): Promise<FleetSession>
}
