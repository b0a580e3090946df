// Content of files over a driver's own file protocol (SFTP): the same promises as over exec. Core alone does the temporary name, the hash and
// the rename; the driver moves bytes.
import { createHash } from 'node:crypto'
import type { CallContext, FileFailure, NativeFiles, NativeStat, RemotePath } from '../driver.js'
import { isTransportError, TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { untilAborted } from './aborted.js'
import { ask, newToken } from './ask.js'
import { setOwnership } from './change.js'
import { gather, once } from './content.js'
import type { Content } from './content.js'
import { fileError } from './failure.js'
import type { PutOptions, PutResult } from './put.js'
import type { ReadHooks, ReadOptions } from './read.js'
import { pathBytes, pathFromBytes, scriptWord, showPath } from './script.js'
import { hashFunction } from './stat-script.js'

/** A native protocol, and the exec beside it: for hashes, names of owners, and reasons that the protocol does not tell. */
export interface NativeSide {
  readonly files: NativeFiles
  readonly runner: ScriptRunner
}

/** Native paths are those of the login user. */
export function usesNative(native: NativeFiles | undefined, runner: ScriptRunner): native is NativeFiles {
  return native !== undefined && !runner.isElevated
}

/** The server lacks what it takes: nothing has been done, exec is the way. */
export function isUnsupported(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UNSUPPORTED'
}

/** The content. The first call may say UNSUPPORTED: then nothing has been given yet. */
export async function* readNative(
  { files, runner }: NativeSide,
  path: RemotePath,
  options: ReadOptions,
  hooks: ReadHooks = {},
): AsyncGenerator<Uint8Array, void> {
  const { start, end, verify, operation } = options
  const context = contextOf(options.signal)
  const stat = await lookUp(files, path, true, context)
  if ('error' in stat) throw failed(stat, operation, path)
  checkFile(stat, operation, path)
  await hooks.head?.({ size: stat.size, mode: stat.mode & 0o7777, identity: '' })
  // As long as it was at the beginning; what the kernel makes up has no size.
  const stop = verify && stat.size > 0 ? stat.size : end
  const hash = verify ? createHash('sha256') : undefined
  let bytes = 0
  for await (const part of told(files.read(path, { start, end: stop }, context), operation, path)) {
    bytes += part.length
    hash?.update(part)
    yield part
  }
  if (hash === undefined) return
  if (stat.size > 0 && bytes !== stat.size) throw fileError('changed', operation, showPath(path))
  if (stat.size === 0 && bytes > 0) return hooks.verified?.(undefined)
  const theirs = await hashThere(runner, path, stat.size, operation, context)
  if (theirs !== undefined && theirs !== hash.digest('hex')) throw fileError('changed', operation, showPath(path))
  hooks.verified?.(theirs)
}

/** Replaces the content at once. The first call may say UNSUPPORTED: then nothing of `content` has been taken. */
export async function putNative({ files, runner }: NativeSide, path: RemotePath, content: Content, options: PutOptions): Promise<PutResult> {
  const { operation } = options
  const context = contextOf(options.signal)
  const { target, there } = await findTarget(files, path, operation, context)
  if (there !== undefined) checkFile(there, operation, path)
  if (options.exclusive && there !== undefined) throw fileError('exists', operation, showPath(path))
  const temporary = beside(target, Buffer.from(`.train-ts-${newToken(8)}`))
  const kept = options.keep ? there : undefined
  const mode = options.mode ?? (kept === undefined ? undefined : kept.mode & 0o7777)
  const gathered = await gather(content, 0, options.signal, operation)
  const hash = createHash('sha256')
  let bytes = 0
  let failure: { readonly error: unknown } | undefined
  const counted = async function* (): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of untilAborted('bytes' in gathered ? once(gathered.bytes) : gathered.stream, options.signal, operation)) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
        options.progress?.(bytes)
      }
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  try {
    await files.write(temporary, counted(), { flag: 'exclusive', mode: mode === undefined ? undefined : 0o600, sync: true }, context)
    if (failure !== undefined) throw failure.error
    const written = await lookUp(files, temporary, false, context)
    if ('error' in written || written.size !== bytes) throw fileError('short', operation, showPath(path))
    const sha256 = hash.digest('hex')
    const theirs = await hashThere(runner, temporary, bytes, operation, context)
    if (theirs !== undefined && theirs !== sha256) throw fileError('corrupt', operation, showPath(path))
    if (options.owner !== undefined) await setOwnership({ runner, signal: options.signal }, operation, temporary, { owner: options.owner }, false, true)
    // Who may not give files away keeps the mode alone, as over exec.
    else if (kept !== undefined && (kept.uid !== written.uid || kept.gid !== written.gid)) {
      await files.setStat(temporary, { uid: kept.uid, gid: kept.gid }, context).catch(() => undefined)
    }
    if (mode !== undefined) await files.setStat(temporary, { mode }, context)
    if (options.exclusive && files.hardLink !== undefined) {
      await files.hardLink(temporary, target, context)
      await files.remove(temporary, context)
    } else await files.rename(temporary, target, context)
    return { bytes, sha256: theirs, way: 'native' }
  } catch (error) {
    await files.remove(temporary, contextOf(AbortSignal.timeout(10_000))).catch(() => undefined) // perhaps it never came to be
    throw failure === undefined ? withPath(error, operation, path) : failure.error
  }
}

interface Target {
  readonly target: RemotePath
  readonly there: NativeStat | undefined
}

/** Where symbolic links lead, also one that leads to nothing yet. */
async function findTarget(files: NativeFiles, path: RemotePath, operation: string, context: CallContext): Promise<Target> {
  let target = path
  for (let links = 0; links <= 40; links += 1) {
    const entry = await lookUp(files, target, false, context)
    if ('error' in entry) {
      if (entry.error === 'FILE_NOT_FOUND') return { target, there: undefined }
      throw failed(entry, operation, path)
    }
    if (entry.type !== 'symlink') return { target, there: entry }
    const says = Buffer.from(await files.readLink(target, context))
    target = says[0] === 0x2f ? pathFromBytes(says) : beside(target, says)
  }
  throw fileError('loop', operation, showPath(path))
}

/** Another name in the directory of a path. */
function beside(path: RemotePath, name: Uint8Array): RemotePath {
  const bytes = Buffer.from(path)
  return pathFromBytes(Buffer.concat([bytes.subarray(0, bytes.lastIndexOf(0x2f) + 1), name]))
}

async function lookUp(files: NativeFiles, path: RemotePath, follow: boolean, context: CallContext): Promise<NativeStat | FileFailure> {
  const [answer] = await files.stat([path], { follow }, context)
  return answer ?? { error: 'FILE_NOT_FOUND' }
}

function checkFile(stat: NativeStat, operation: string, path: RemotePath): void {
  if (stat.type !== 'file') throw fileError(stat.type === 'directory' ? 'isdir' : 'special', operation, showPath(path))
}

/** Undefined: there is no shell beside the protocol, or no program for it. */
async function hashThere(runner: ScriptRunner, path: RemotePath, size: number, operation: string, { signal }: CallContext): Promise<string | undefined> {
  const body = `${hashFunction('sha256')}\nr=$(head -c ${String(size)} <${scriptWord(pathBytes(path))}|h)\nsay ok $r`
  try {
    const { status } = await ask(runner, { body, operation, signal })
    return /^ok ([0-9a-f]{64})/.exec(status ?? '')?.[1]
  } catch (error) {
    if (isTransportError(error, 'UNSUPPORTED') || isTransportError(error, 'PROTOCOL_ERROR')) return undefined
    throw error
  }
}

function contextOf(signal: AbortSignal | undefined): CallContext {
  return { signal: signal ?? new AbortController().signal }
}

async function* told(source: AsyncIterable<Uint8Array>, operation: string, path: RemotePath): AsyncGenerator<Uint8Array, void> {
  try {
    yield* source
  } catch (error) {
    throw withPath(error, operation, path)
  }
}

/** A driver's error with the path, the operation and what to do. */
function withPath(error: unknown, operation: string, path: RemotePath): unknown {
  if (error instanceof TransportError || !(error instanceof Error) || !('code' in error)) return error
  const { code } = error
  if (code !== 'FILE_NOT_FOUND' && code !== 'PERMISSION_DENIED' && code !== 'FILE_ERROR') return error
  const details: unknown = 'details' in error ? error.details : undefined
  const reason = typeof details === 'object' && details !== null && 'reason' in details ? details.reason : undefined
  const known = typeof reason === 'string' && reason in words ? { reason: reason as NonNullable<FileFailure['reason']> } : {} // it is a key of the table
  return failed({ error: code, ...known, cause: error }, operation, path)
}

const words: Readonly<Record<NonNullable<FileFailure['reason']>, string>> = {
  'not-a-directory': 'notdir', 'is-a-directory': 'isdir', 'no-space': 'nospace', quota: 'quota', 'read-only': 'readonly', exists: 'exists', loop: 'loop',
  'name-too-long': 'nametoolong',
}

function failed({ error, reason, cause }: FileFailure, operation: string, path: RemotePath): TransportError {
  const word = error === 'FILE_NOT_FOUND' ? 'missing' : error === 'PERMISSION_DENIED' ? 'denied' : reason === undefined ? undefined : words[reason]
  return fileError(word ?? `failed ${cause instanceof Error ? cause.message : ''}`, operation, showPath(path), cause)
}
