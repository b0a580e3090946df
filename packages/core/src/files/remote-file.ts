// A handle on a remote path.
import type { DirectoryEntry, FileOptions, RemoteFile, TemporaryFile, TemporaryOptions, WalkOptions } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { isTransportError } from '../errors.js'
import { checkAborted } from './aborted.js'
import { appendFile } from './append.js'
import { copy, makeDirectory, makeTemporary, remove, rename, setOwnership, symlink, touch } from './change.js'
import type { ChangeCall } from './change.js'
import type { FilesDependencies } from './dependencies.js'
import { putContent, readContent } from './content-ways.js'
import { compilePattern } from './glob.js'
import { listDirectory } from './list.js'
import { checkMode, ownerOf } from './owner.js'
import { pathBytes } from './script.js'
import { statPath } from './stat.js'

type Handles = Pick<FilesDependencies, 'runner' | 'native'>
type ReadFileOptions = FileOptions & { readonly start?: number; readonly end?: number }

export function createRemoteFile(path: RemotePath, from: Handles): RemoteFile {
  const { runner } = from
  pathBytes(path) // a wrong path is refused where it is written

  const statOf = async (operation: string, options: FileOptions): ReturnType<RemoteFile['stat']> => {
    checkAborted(options.signal, operation)
    return statPath(await runner(options), path, { follow: options.follow ?? true, hash: options.hash, full: operation === 'stat', operation, signal: options.signal })
  }
  const read = async function* (operation: string, options: ReadFileOptions): AsyncGenerator<Uint8Array, void> {
    const { start = 0, end, signal } = options
    checkRange(start, end)
    checkAborted(signal, operation)
    yield* readContent({ runner: await runner(options), native: from.native }, path, { start, end, verify: false, operation, signal })
  }
  const collect = async (operation: string, options: FileOptions): Promise<Buffer> => {
    const parts: Uint8Array[] = []
    for await (const part of read(operation, options)) parts.push(part)
    return Buffer.concat(parts)
  }

  const call = async (operation: string, options: FileOptions): Promise<ChangeCall> => {
    checkAborted(options.signal, operation)
    return { runner: await runner(options), signal: options.signal }
  }
  const walk = async function* (operation: string, options: WalkOptions, recursive: boolean): AsyncGenerator<DirectoryEntry, void> {
    checkAborted(options.signal, operation)
    const common = { operation, signal: options.signal, recursive, skipDenied: options.skipDenied ?? false }
    yield* listDirectory(path, { ...common, runner: await runner(options) })
  }

  return {
    path,
    stat: (options = {}) => statOf('stat', options),
    async exists(options = {}) {
      try {
        await statOf('exists', { ...options, hash: undefined })
        return true
      } catch (error) {
        if (isTransportError(error, 'FILE_NOT_FOUND')) return false
        throw error
      }
    },
    text: async (options = {}) => (await collect('text', options)).toString('utf8'),
    bytes: async (options = {}) => new Uint8Array(await collect('bytes', options)),
    stream: (options = {}) => read('stream', options),
    async write(data, options = {}) {
      const { append = false, exclusive = false, signal } = options
      const mode = checkMode(options.mode)
      checkAborted(signal, 'write')
      const target = await runner(options)
      const common = { mode, owner: ownerOf(options), keep: true, exclusive, operation: 'write', signal, progress: undefined }
      if (append) await appendFile(target, path, data, common)
      else await putContent({ runner: target, native: from.native }, path, data, common)
    },
    makeDirectory: async (options = {}) => makeDirectory(await call('makeDirectory', options), path, { mode: checkMode(options.mode), owner: ownerOf(options) }),
    remove: async (options = {}) => remove(await call('remove', options), path, options.recursive ?? false, options.missingOk ?? false),
    rename: async (to, options = {}) => rename(await call('rename', options), path, to, options.exclusive ?? false),
    copy: async (to, options = {}) => copy(await call('copy', options), path, to, options.recursive ?? false),
    chmod: async (mode, options = {}) => setOwnership(await call('chmod', options), 'chmod', path, { mode: checkMode(mode) }, options.recursive ?? false, true),
    chown: async (owner, options = {}) => setOwnership(await call('chown', options), 'chown', path, { owner: ownerOf(owner) }, options.recursive ?? false, options.follow ?? true),
    symlink: async (target, options = {}) => symlink(await call('symlink', options), path, target, options.replace ?? false),
    touch: async (options = {}) => touch(await call('touch', options), path, options.mtimeMs, options.create ?? true),
    async list(options = {}) {
      const entries: DirectoryEntry[] = []
      for await (const entry of walk('list', options, false)) entries.push(entry)
      return entries.sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)))
    },
    walk: (options = {}) => walk('walk', options, true),
    async *glob(pattern, options = {}) {
      const matches = compilePattern(pattern, options.dot ?? false)
      for await (const entry of walk('glob', options, true)) if (matches(entry.name)) yield entry
    },
  }
}

/** A handle that takes what it stands for with it when it is disposed. */
export async function createTemporary(kind: 'file' | 'directory', { directory, ...options }: TemporaryOptions, dependencies: Handles): Promise<TemporaryFile> {
  checkAborted(options.signal, `temporary ${kind}`)
  const path = await makeTemporary({ runner: await dependencies.runner(options), signal: options.signal }, directory, kind)
  const handle = createRemoteFile(path, dependencies)
  // Without the caller's signal: what was created is removed also where the work has been aborted.
  return { ...handle, [Symbol.asyncDispose]: () => handle.remove({ recursive: true, missingOk: true, sudo: options.sudo }) }
}

function checkRange(start: number, end: number | undefined): void {
  if (!Number.isSafeInteger(start) || start < 0) throw new RangeError(`start is ${String(start)}, not a count of bytes`)
  if (end !== undefined && (!Number.isSafeInteger(end) || end < start)) throw new RangeError(`end is ${String(end)}, not a count of bytes from start on`)
}
