import { raceAbort } from './abort.js'
import { CallScope } from './call-scope.js'
import { deriveCapabilities, refuse, requireOperation } from './capabilities.js'
import type { CallOptions, Commands } from './commands.js'
import type {
  Command, Connection, ExecOptions, FileOptions, FileStat, Platform, RemoteFile, RunOptions, RunResult, TemporaryFile, TemporaryOptions,
  TransferOptions, TransferResult,
} from './connection.js'
import type { Address, AnyDriver, CallContext, Capabilities, ExecEvent, FileFailure, RemotePath, Session, ShellStream, Terminal } from './driver.js'
import { quoteFor } from './exec-text.js'
import { createFiles } from './files/create-files.js'
import { guardMethods, guardStream } from './guard.js'
import { detectPlatform } from './platform/detect.js'
import { platformFromHint } from './platform/platform.js'
import { finishError } from './prepare.js'
import type { Redactor } from './redact.js'
import { collectRun } from './run.js'
import type { ScriptCommands } from './script-commands.js'
import type { SessionSource } from './session-source.js'
import { joinPosix } from './shell/quote-posix.js'
import { waitUntilReady } from './wait-until-ready.js'

export interface SessionConnectionOptions {
  readonly driver: AnyDriver
  readonly target: string
  readonly source: SessionSource
  readonly commands: Commands
  readonly scripts: ScriptCommands
  readonly redactor: Redactor
  /** What this connection owns beside its session (the connection that it goes through). */
  readonly closeBeneath: () => Promise<void>
}

/** A whole connection, derived from a driver's session. */
export class SessionConnection implements Connection {
  readonly target: string
  readonly #options: SessionConnectionOptions
  readonly #files: ReturnType<typeof createFiles>
  #platform: Promise<Platform> | undefined

  constructor(options: SessionConnectionOptions) {
    this.target = options.target
    this.#options = options
    const { source, scripts } = options
    this.#files = createFiles({
      runner: ({ sudo }) => Promise.resolve(scripts.as(sudo)),
      // Of the session that is open when it is asked for.
      get native() {
        return source.live.session.files
      },
    })
  }

  get capabilities(): Capabilities {
    const { capabilities, knownShell } = this.#options.source.live
    return deriveCapabilities(capabilities, capabilities.shell ?? knownShell?.dialect)
  }

  run(command: Command, options: RunOptions & { readonly encoding: 'bytes' }): Promise<RunResult<Uint8Array>>
  run(command: Command, options?: RunOptions & { readonly encoding?: 'utf8' | undefined }): Promise<RunResult>
  run(command: Command, options: RunOptions): Promise<RunResult<string | Uint8Array>>
  async run(command: Command, options: RunOptions = {}): Promise<RunResult<string | Uint8Array>> {
    return this.#guard('run', () => collectRun(this.#options.commands.events(command, options, 'run'), typeof command === 'string' ? command : joinPosix(command), options))
  }

  stream(command: Command, options: ExecOptions = {}): AsyncIterable<ExecEvent> {
    return guardStream(this.#options.commands.events(command, options, 'stream'), (error) => this.#finish(error, 'stream'))
  }

  readonly $ = async (parts: TemplateStringsArray, ...values: readonly unknown[]): Promise<RunResult> => this.#guard('run', async () => {
    const { dialect } = await this.#options.commands.shell({ operation: 'run' })
    const text = parts.map((part, index) => part + (index < values.length ? quoteFor(values[index], dialect) : '')).join('')
    return this.run(text)
  })

  file(path: RemotePath): RemoteFile {
    return guardMethods(this.#files.file(path), (error, method) => this.#finish(error, method))
  }

  async files(paths: readonly RemotePath[], options?: FileOptions): Promise<readonly (FileStat | FileFailure)[]> {
    return this.#guard('stat', () => this.#files.files(paths, options))
  }

  async temporaryFile(options?: TemporaryOptions): Promise<TemporaryFile> {
    return this.#guard('temporaryFile', () => this.#files.temporaryFile(options))
  }

  async temporaryDirectory(options?: TemporaryOptions): Promise<TemporaryFile> {
    return this.#guard('temporaryDirectory', () => this.#files.temporaryDirectory(options))
  }

  async upload(source: string | URL | Uint8Array | AsyncIterable<Uint8Array>, path: RemotePath, options?: TransferOptions): Promise<TransferResult> {
    return this.#guard('upload', () => this.#files.upload(source, path, options))
  }

  async download(path: RemotePath, destination: string | URL, options?: TransferOptions): Promise<TransferResult> {
    return this.#guard('download', () => this.#files.download(path, destination, options))
  }

  async platform(options: Partial<CallContext> = {}): Promise<Platform> {
    return this.#guard('platform', async () => {
      const platform =
        this.#platform ??
        this.#detect(options.signal).catch((error: unknown) => {
          this.#platform = undefined
          throw error
        })
      this.#platform = platform
      return options.signal === undefined ? platform : raceAbort(platform, options.signal)
    })
  }

  async shell(options: Partial<Terminal & CallContext> = {}): Promise<ShellStream> {
    const { signal, ...terminal } = options
    return this.#call({ signal, operation: 'shell' }, async (session, context, live) => {
      const open = requireOperation(session, 'shell', this.#options.driver.name)
      const release = await live.gate.acquire(context.signal)
      try {
        const stream = await open({ columns: 80, rows: 24, term: 'xterm', ...terminal }, context)
        stream.once('close', release)
        return stream
      } catch (error) {
        release()
        throw error
      }
    })
  }

  async forward(to: Address, options: Partial<CallContext> = {}): ReturnType<Connection['forward']> {
    return this.#call({ signal: options.signal, operation: 'forward' }, (session, context) => requireOperation(session, 'forward', this.#options.driver.name)(to, context))
  }

  async listen(on: Address, options: Partial<CallContext> = {}): ReturnType<Connection['listen']> {
    return this.#call({ signal: options.signal, operation: 'listen' }, (session, context) => requireOperation(session, 'listen', this.#options.driver.name)(on, context))
  }

  async waitUntilReady(options: { readonly timeout?: number; readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#guard('waitUntilReady', async () => {
      await waitUntilReady(this.#options.source, this.#options.commands, options)
      this.#platform = undefined
    })
  }

  loginCommand(): readonly string[] {
    return requireOperation(this.#options.source.live.session, 'loginCommand', this.#options.driver.name)()
  }

  native<Native>(driver: AnyDriver<Native>): Native | undefined {
    if (driver !== this.#options.driver) return undefined
    return this.#options.source.live.session.native as Native | undefined // opened by this very driver
  }

  async close(): Promise<void> {
    await this.#options.source.close()
    await this.#options.closeBeneath()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** The far side is asked where its shell is POSIX; else what the driver knows has to do. */
  async #detect(signal: AbortSignal | undefined): Promise<Platform> {
    const { commands, scripts, source } = this.#options
    const { session } = source.live
    const hint = await session.platform?.({ signal: signal ?? new AbortController().signal })
    const known = platformFromHint(hint ?? {})
    // A driver that knows the name as well as the family has nothing left to ask.
    if (hint?.name !== undefined && hint.family !== undefined && known !== undefined) return known
    const { dialect } = await commands.shell({ signal, operation: 'platform' })
    if (dialect === 'posix') return detectPlatform(scripts, signal)
    const windows = dialect === 'none' ? undefined : platformFromHint({ family: 'windows', ...hint })
    return windows ?? known ?? refuse('The platform of a far side without a shell is not known.', undefined, 'platform')
  }

  /** A call on the session itself, stopped by loss and close like any other. */
  async #call<Value>(options: CallOptions, call: (session: Session, context: CallContext, live: SessionSource['live']) => Promise<Value>): Promise<Value> {
    return this.#guard(options.operation, async () => {
      const { live } = this.#options.source
      const scope = new CallScope(options)
      live.calls.add(scope)
      try {
        return await raceAbort(call(live.session, { signal: scope.signal }, live), scope.signal)
      } catch (error) {
        throw scope.stopped ?? error
      } finally {
        live.calls.delete(scope)
        scope.end()
      }
    })
  }

  #finish(error: unknown, operation: string): unknown {
    return finishError(error, operation, this.target, this.#options.redactor)
  }

  async #guard<Value>(operation: string, call: () => Promise<Value>): Promise<Value> {
    try {
      return await call()
    } catch (error) {
      throw this.#finish(error, operation)
    }
  }
}
