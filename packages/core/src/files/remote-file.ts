// A handle on a remote path.
import type { FileOptions, RemoteFile } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { isTransportError } from '../errors.js'
import { checkAborted } from './aborted.js'
import { appendFile } from './append.js'
import type { FilesDependencies } from './dependencies.js'
import { ownerOf } from './owner.js'
import { putFile } from './put.js'
import { readFile } from './read.js'
import { pathBytes } from './script.js'
import { statPath } from './stat.js'

type ReadFileOptions = FileOptions & { readonly start?: number; readonly end?: number }

export function createRemoteFile(path: RemotePath, { runner }: Pick<FilesDependencies, 'runner'>): RemoteFile {
  pathBytes(path) // a wrong path is refused where it is written

  const statOf = async (operation: string, options: FileOptions): ReturnType<RemoteFile['stat']> => {
    checkAborted(options.signal, operation)
    return statPath(await runner(options), path, { follow: options.follow ?? true, hash: options.hash, operation, signal: options.signal })
  }
  const read = async function* (operation: string, options: ReadFileOptions): AsyncGenerator<Uint8Array, void> {
    const { start = 0, end, signal } = options
    checkRange(start, end)
    checkAborted(signal, operation)
    yield* readFile(await runner(options), path, { start, end, verify: false, operation, signal })
  }
  const collect = async (operation: string, options: FileOptions): Promise<Buffer> => {
    const parts: Uint8Array[] = []
    for await (const part of read(operation, options)) parts.push(part)
    return Buffer.concat(parts)
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
      const { mode, append = false, signal } = options
      checkAborted(signal, 'write')
      const target = await runner(options)
      const common = { mode, owner: ownerOf(options), keep: true, exclusive: false, operation: 'write', signal, progress: undefined }
      if (append) await appendFile(target, path, data, common)
      else await putFile(target, path, data, common)
    },
  }
}

function checkRange(start: number, end: number | undefined): void {
  if (!Number.isSafeInteger(start) || start < 0) throw new RangeError(`start is ${String(start)}, not a count of bytes`)
  if (end !== undefined && (!Number.isSafeInteger(end) || end < start)) throw new RangeError(`end is ${String(end)}, not a count of bytes from start on`)
}
