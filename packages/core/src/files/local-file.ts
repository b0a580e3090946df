// The near end of a transfer: files of this machine.
import { randomBytes } from 'node:crypto'
import { open, realpath, rename, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TransportError } from '../errors.js'
import type { ErrorCode } from '../errors.js'
import type { FileReason } from './failure.js'

/** A string is a path; a URL must be a `file:` URL. */
export function localPath(place: string | URL): string {
  if (typeof place === 'string') {
    if (place === '' || place.includes('\0')) throw new TransportError('INVALID_OPTIONS', 'A local path is empty or holds a NUL byte')
    return place
  }
  if (place.protocol !== 'file:') throw new TransportError('INVALID_OPTIONS', `A transfer takes a local path or a file: URL, not ${place.protocol}`)
  return fileURLToPath(place)
}

/** The last name of a local path. */
export function localName(path: string): string {
  return basename(path)
}

/** Whether it is a directory, or a link to one; what is missing is none. */
export async function isLocalDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

const reasons: Readonly<Record<string, readonly [ErrorCode, FileReason | undefined, string]>> = {
  ENOENT: ['FILE_NOT_FOUND', undefined, 'does not exist'],
  EACCES: ['PERMISSION_DENIED', undefined, 'is not permitted'],
  EPERM: ['PERMISSION_DENIED', undefined, 'is not permitted'],
  EISDIR: ['FILE_ERROR', 'is-a-directory', 'is a directory'],
  ENOTDIR: ['FILE_ERROR', 'not-a-directory', 'goes through something that is not a directory'],
  ENOSPC: ['FILE_ERROR', 'no-space', 'does not fit: no space is left on the device'],
  EDQUOT: ['FILE_ERROR', 'quota', 'does not fit: the disk quota is exceeded'],
  EROFS: ['FILE_ERROR', 'read-only', 'is on a read-only file system'],
  EEXIST: ['FILE_ERROR', 'exists', 'exists already'],
  ELOOP: ['FILE_ERROR', 'loop', 'goes through symbolic links that lead in a circle'],
  ENAMETOOLONG: ['FILE_ERROR', 'name-too-long', 'has a name that is too long'],
}

/** A failure of the local file system, told as one: it names this machine. Anything else is passed on as it is. */
export function localError(error: unknown, operation: string, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error
  const [code, reason, says] = reasons[String(error.code)] ?? ['FILE_ERROR', undefined, `failed: ${error.message}`]
  return new TransportError(code, `Cannot ${operation}: the local file ${JSON.stringify(path)} ${says}`, {
    hint: 'This is about the machine on which the program runs, not about the far side.',
    details: reason === undefined ? { path } : { path, reason },
    operation,
    cause: error,
  })
}

export interface LocalSource {
  readonly size: number
  readonly mode: number
  readonly mtimeMs: number
  /** As many bytes as the file had when it was opened; throws when it has become shorter. */
  read(): AsyncGenerator<Uint8Array, void>
  close(): Promise<void>
}

/** Opens a regular file; the caller closes it. */
export async function openLocal(place: string | Buffer, operation: string): Promise<LocalSource> {
  const path = place.toString()
  const before = await stat(place).catch((error: unknown) => { throw localError(error, operation, path) })
  // Looked at before it is opened: opening a pipe blocks, opening a device may do something.
  if (!before.isFile()) throw notFile(before.isDirectory(), operation, path)
  const handle = await open(place, 'r').catch((error: unknown) => { throw localError(error, operation, path) })
  const { size, mode, mtimeMs } = await handle.stat()
  return {
    size,
    mode: mode & 0o7777,
    mtimeMs,
    async *read() {
      let position = 0
      for (;;) {
        const buffer = Buffer.allocUnsafe(256 * 1024)
        const wanted = size === 0 ? buffer.length : Math.min(buffer.length, size - position)
        if (wanted === 0) return
        const { bytesRead } = await handle.read(buffer, 0, wanted, position)
        if (bytesRead === 0 && position < size) {
          throw new TransportError('FILE_ERROR', `Cannot ${operation}: the local file ${JSON.stringify(path)} became shorter while it was read`, { details: { path, reason: 'changed' }, operation })
        }
        if (bytesRead === 0) return
        position += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
    close: () => handle.close(),
  }
}

function notFile(isDirectory: boolean, operation: string, path: string): TransportError {
  const what = isDirectory ? 'is a directory' : 'is neither a file nor a directory'
  return new TransportError('FILE_ERROR', `Cannot ${operation}: the local file ${JSON.stringify(path)} ${what}`, { details: { path, reason: isDirectory ? 'is-a-directory' : 'not-a-file' }, operation })
}

/** A local file that appears whole or not at all. */
export interface LocalSink {
  write(bytes: Uint8Array): Promise<void>
  /** Gives it its name. `mode`: exactly this one. */
  commit(mode: number | undefined): Promise<void>
  /** Removes what has been written; nothing after commit. */
  discard(): Promise<void>
}

/** `mode`: as the umask leaves it. Symbolic links are followed, as on the far side. */
export async function createLocal(path: string, mode: number, operation: string): Promise<LocalSink> {
  const fail = (error: unknown): never => { throw localError(error, operation, path) }
  const target = await realpath(path).catch((error: unknown) => (isMissing(error) ? path : fail(error)))
  const there = await stat(target).catch((error: unknown) => (isMissing(error) ? undefined : fail(error)))
  if (there !== undefined && !there.isFile()) throw notFile(there.isDirectory(), operation, path)
  const temporary = join(dirname(target), `.train-ts-${randomBytes(8).toString('hex')}`)
  const handle: FileHandle = await open(temporary, 'wx', mode & 0o777).catch(fail)
  let open_ = true
  const close = async (): Promise<void> => {
    if (open_) await handle.close()
    open_ = false
  }
  return {
    write: async (bytes) => { await handle.writeFile(bytes).catch(fail) },
    async commit(exact) {
      try {
        if (exact !== undefined) await handle.chmod(exact & 0o7777)
        await handle.sync()
        await close()
        await rename(temporary, target)
      } catch (error) {
        fail(error)
      }
    },
    async discard() {
      await close().catch(() => undefined) // the first error is the one to be told
      await unlink(temporary).catch(() => undefined) // gone already after commit
    },
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
