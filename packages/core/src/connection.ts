// What users hold: types and their contracts, no code.
import type { Duplex } from 'node:stream'
import type {
  Address,
  AnyDriver,
  CallContext,
  Capabilities,
  ExecEvent,
  FileFailure,
  NativeStat,
  RemotePath,
  ShellStream,
  Terminal,
} from './driver.js'
import type { Secret } from './secret.js'

/** Text is for the remote shell as it stands; an array is a program with its arguments, quoted by core. */
export type Command = string | readonly string[]

export interface Connection extends AsyncDisposable {
  /** Without credentials and unmarked query values: safe to log. */
  readonly target: string
  /** What this connection can do, core's derivations included. */
  readonly capabilities: Capabilities
  /** Runs a command to its end. A non-zero exit code is a result, not an error. */
  run(command: Command, options: RunOptions & { readonly encoding: 'bytes' }): Promise<RunResult<Uint8Array>>
  run(command: Command, options?: RunOptions & { readonly encoding?: 'utf8' | undefined }): Promise<RunResult>
  run(command: Command, options: RunOptions): Promise<RunResult<string | Uint8Array>>
  /** Output as it arrives. `break` stops the command. */
  stream(command: Command, options?: ExecOptions): AsyncIterable<ExecEvent>
  /** host.$`cp ${from} ${to}`: each value is quoted for the remote shell. */
  readonly $: (parts: TemplateStringsArray, ...values: readonly unknown[]) => Promise<RunResult>
  /** A handle on a remote path. Nothing happens until one of its methods is called. */
  file(path: RemotePath): RemoteFile
  /** Metadata of many paths in as few round trips as the limits allow, in their order. */
  files(paths: readonly RemotePath[], options?: FileOptions): Promise<readonly (FileStat | FileFailure)[]>
  /** An empty file that nobody else can read, and that goes when it is disposed: `await using`. */
  temporaryFile(options?: TemporaryOptions): Promise<TemporaryFile>
  /** A directory that nobody else can look into, and that goes, with all that is in it, when it is disposed. */
  temporaryDirectory(options?: TemporaryOptions): Promise<TemporaryFile>
  /** A string or URL is a local path, of a file or a directory; content is bytes or an iterable. The destination is the exact name unless `toDirectory`. */
  upload(source: string | URL | Uint8Array | AsyncIterable<Uint8Array>, path: RemotePath, options?: TransferOptions): Promise<TransferResult>
  download(path: RemotePath, destination: string | URL, options?: TransferOptions): Promise<TransferResult>
  /** Detected once, then remembered. */
  platform(options?: Partial<CallContext>): Promise<Platform>
  shell(options?: Partial<Terminal & CallContext>): Promise<ShellStream>
  forward(to: Address, options?: Partial<CallContext>): Promise<Duplex>
  listen(on: Address, options?: Partial<CallContext>): Promise<AsyncIterable<Duplex>>
  /** Opens again until a real command succeeds; runs nothing twice. (`connect` has an option of the same name for a machine that still boots.) */
  waitUntilReady(options?: { readonly timeout?: number; readonly signal?: AbortSignal }): Promise<void>
  loginCommand(): readonly string[]
  /** The client library underneath, when this connection was opened by `driver`. */
  native<Native>(driver: AnyDriver<Native>): Native | undefined
  /** Calls in flight reject with CONNECTION_CLOSED. Bounded in time. */
  close(): Promise<void>
}

export interface ExecOptions {
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined
  readonly env?: { readonly [name: string]: string | Secret } | undefined
  readonly cwd?: string | undefined
  readonly umask?: number | undefined
  /** Through the user's login shell, with its profile. */
  readonly loginShell?: boolean | undefined
  /** Milliseconds; the far side is stopped. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly sudo?: boolean | Sudo | undefined
  readonly pty?: boolean | Partial<Terminal> | undefined
  /** Through the connection's resident shell instead of a fresh process. */
  readonly reuseShell?: boolean | undefined
}
export interface Sudo {
  readonly method?: 'sudo' | 'su' | 'doas' | 'runas' | undefined
  readonly user?: string | undefined
  readonly password?: string | Secret | undefined
  /** Another program in sudo's place (Train's sudo_command). */
  readonly command?: string | undefined
}
export interface RunOptions extends ExecOptions {
  readonly encoding?: 'utf8' | 'bytes' | undefined
  /** Bytes of output in all, default 100 MiB; beyond it the command is stopped and OUTPUT_LIMIT carries what arrived. */
  readonly maxOutput?: number | undefined
}
/** Frozen plain data: toEqual and JSON work. */
export interface RunResult<Data = string> {
  readonly command: string
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: Data
  readonly stderr: Data
  readonly records: readonly { readonly stream: 'warning' | 'verbose' | 'debug' | 'information'; readonly text: string }[]
  readonly durationMs: number
  /** The transport lost a part of the output (never core: that is OUTPUT_LIMIT). */
  readonly truncated: boolean
}
export interface FileOptions {
  readonly sudo?: boolean | Sudo | undefined
  readonly signal?: AbortSignal | undefined
  readonly follow?: boolean | undefined
  readonly hash?: 'sha256' | 'md5' | undefined
}
export interface TransferOptions {
  readonly mode?: number | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly sudo?: boolean | Sudo | undefined
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** The destination is a directory into which the source goes by its name. */
  readonly toDirectory?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?:
    ((progress: { readonly bytes: number; readonly total: number | undefined; readonly rate: number; readonly path: string }) => void) | undefined
}
/** `way`: how the bytes went, e.g. 'sftp', 'tar', 'base64', 's3'. */
export interface TransferResult {
  readonly bytes: number
  readonly files: number
  readonly sha256: string | undefined
  readonly way: string
}
/**
 * What is known of a file, as plain data. Of a followed symbolic link: what it leads to, with the link's own target in `linkTarget`.
 * `type` is Train's: file, directory, symlink, socket, pipe, block_device, character_device, unknown; `mode` is the permission bits (0o7777).
 */
export interface FileStat extends NativeStat {
  /** Undefined where the far side knows no name for the id. */
  readonly owner: string | undefined
  readonly group: string | undefined
  /** What a symbolic link says, as it stands; undefined for everything else. */
  readonly linkTarget: RemotePath | undefined
  readonly atimeMs?: number
  readonly ctimeMs?: number
  /** Number of names (hard links). */
  readonly links?: number
  readonly inode?: number
  /** Of a regular file that may be read, where `hash` asked for it. */
  readonly sha256?: string
  readonly md5?: string
  /** Of `stat` alone, not of `files` or a listing: where the path leads when all links are followed. */
  readonly path?: RemotePath | undefined
  /** Of `stat` alone, where the far side has SELinux. */
  readonly selinuxLabel?: string | undefined
  /** Of `stat` alone: something is mounted here. */
  readonly mounted?: boolean | undefined
  /** The bits of `mode` that give this right: 0 where it is not given. */
  modeMask(who: ModeWho, right: ModeRight): number
  /** Whether it was reached through a symbolic link that says this, or leads there. */
  linkedTo(path: RemotePath): boolean
  /** By name or number. */
  ownedBy(owner: string | number): boolean
  groupedInto(group: string | number): boolean
}
export type ModeWho = 'owner' | 'group' | 'other' | 'all'
export type ModeRight = 'r' | 'w' | 'x'
/** One entry of a directory. `stat` is of the entry itself: a link is not followed. */
export interface DirectoryEntry {
  /** Below the directory that was listed; of a walk with slashes in it. */
  readonly name: RemotePath
  /** The directory's path and the name. */
  readonly path: RemotePath
  readonly stat: FileStat
}

export interface WalkOptions extends FileOptions {
  /** Leave out what is in directories that this user may not look into. Default: PERMISSION_DENIED. */
  readonly skipDenied?: boolean | undefined
}

/**
 * A handle on a remote path. Nothing happens until a method is called; each is one exec where the limits allow it. Symbolic links are
 * followed where nothing else is said. "Missing" is FILE_NOT_FOUND, "denied" PERMISSION_DENIED, all else FILE_ERROR with `details.reason`.
 */
export interface RemoteFile {
  readonly path: RemotePath
  stat(options?: FileOptions): Promise<FileStat>
  /** False only for missing; denied throws. */
  exists(options?: FileOptions): Promise<boolean>
  text(options?: FileOptions): Promise<string>
  bytes(options?: FileOptions): Promise<Uint8Array>
  /** Content as it arrives, or the part from byte `start` up to, not including, byte `end`. */
  stream(options?: FileOptions & { readonly start?: number; readonly end?: number }): AsyncIterable<Uint8Array>
  /**
   * Replaces the content at once: a reader sees the old file or the new one. Mode and owner of a file that is there are kept where none
   * are given. `append` adds in place instead; `exclusive` writes only where nothing is.
   */
  write(
    data: string | Uint8Array | AsyncIterable<Uint8Array>,
    options?: FileOptions & {
      readonly mode?: number
      readonly owner?: string
      readonly group?: string
      readonly append?: boolean
      readonly exclusive?: boolean
    },
  ): Promise<void>
  /** Creates it as a directory, with all directories on the way. One that is there already is no error. */
  makeDirectory(options?: FileOptions & { readonly mode?: number; readonly owner?: string; readonly group?: string }): Promise<void>
  /** Removes a file, a link itself, or a directory: with all that is in it where `recursive`. `missingOk`: nothing there is no error. */
  remove(options?: FileOptions & { readonly recursive?: boolean; readonly missingOk?: boolean }): Promise<void>
  /** As rename(2): replaces a file, or an empty directory by a directory; nothing where `exclusive`. */
  rename(to: RemotePath, options?: FileOptions & { readonly exclusive?: boolean }): Promise<void>
  /** On the far side, with modes and times. A file appears whole; a directory needs `recursive`, and is added to where it exists. */
  copy(to: RemotePath, options?: FileOptions & { readonly recursive?: boolean }): Promise<void>
  chmod(mode: number, options?: FileOptions & { readonly recursive?: boolean }): Promise<void>
  /** Names or numbers. With `recursive` or `follow: false` links themselves are changed, not what they lead to. */
  chown(owner: { readonly owner?: string; readonly group?: string }, options?: FileOptions & { readonly recursive?: boolean }): Promise<void>
  /** Makes this path a symbolic link to `target`, text as it stands. `replace`: in the place of a file or a link. */
  symlink(target: RemotePath, options?: FileOptions & { readonly replace?: boolean }): Promise<void>
  /** Sets the time of the last change, now or `mtimeMs` (whole seconds); creates an empty file unless `create: false`. */
  touch(options?: FileOptions & { readonly mtimeMs?: number; readonly create?: boolean }): Promise<void>
  /** What is in the directory, dot files too, in the order of their bytes. */
  list(options?: FileOptions): Promise<readonly DirectoryEntry[]>
  /** All that is below the directory; links are not followed. A directory comes before what is in it. */
  walk(options?: WalkOptions): AsyncIterable<DirectoryEntry>
  /** What is below the directory and matches: `*.conf`, `a/**`, `{a,b}`, `!x`, as picomatch has it. Dot files only where the pattern names them or `dot`. */
  glob(pattern: string | readonly string[], options?: WalkOptions & { readonly dot?: boolean }): AsyncIterable<DirectoryEntry>
}

export interface TemporaryOptions extends FileOptions {
  /** Where; default: the far side's TMPDIR, /tmp, or what else can be written. */
  readonly directory?: RemotePath | undefined
}

/** A file or directory that is removed, with all that is in it, when it is disposed: `await using`. */
export interface TemporaryFile extends RemoteFile, AsyncDisposable {}
/** Which system the far side runs, in Train's names: `{ name: 'amazon', family: 'redhat', release: '2023', … }`. Frozen. */
export interface Platform {
  readonly name: string
  /** The narrowest family: debian, redhat, suse, darwin, …; linux or unix where there is no narrower one. */
  readonly family: string
  /** From the narrowest to the widest: `['debian', 'linux', 'unix', 'os']`. */
  readonly families: readonly string[]
  readonly release: string | undefined
  /** As `uname -m` says it. */
  readonly arch: string | undefined
  /** As the system calls itself: 'Debian GNU/Linux 12 (bookworm)'. */
  readonly title: string
  /** A name of this machine that stays the same; undefined where it has none. */
  readonly uuid: string | undefined
  /** Whether this is its name or one of its families: `is('debian')`, `is('unix')`. */
  is(name: string): boolean
}
