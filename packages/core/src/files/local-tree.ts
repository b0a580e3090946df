// The near end of a directory transfer: a tree of this machine, as a tar archive.
import { lstat, readFile, readdir, readlink } from 'node:fs/promises'
import { TransportError } from '../errors.js'
import type { NameFilter } from './glob.js'
import { localError, openLocal } from './local-file.js'
import { tarEnd, tarHeader, tarPadding } from './tar-pack.js'
import type { TarEntry } from './tar-pack.js'

export interface LocalEntry extends TarEntry {
  /** Where it is on this machine. */
  readonly path: Buffer
}

/** Names below `root`, as bytes: a directory before what is in it. Pipes, sockets and devices are left out. */
export async function readLocalTree(root: string, filter: NameFilter, operation: string): Promise<readonly LocalEntry[]> {
  const entries: LocalEntry[] = []
  const fail = (error: unknown): never => { throw localError(error, operation, root) }

  /** Whether anything was taken: a directory that is not itself included comes with what is. */
  const visit = async (path: Buffer, prefix: Buffer): Promise<boolean> => {
    let taken = false
    const names = (await readdir(path, { encoding: 'buffer' }).catch(fail)).sort((one, other) => Buffer.compare(one, other))
    for (const base of names) {
      const child = Buffer.concat([path, Buffer.from('/'), base])
      const name = Buffer.concat([prefix, base])
      const stat = await lstat(child).catch(fail)
      const common = { path: child, name, mode: stat.mode & 0o7777, mtimeMs: stat.mtimeMs }
      if (stat.isDirectory()) {
        const at = entries.length
        const inside = await visit(child, Buffer.concat([name, Buffer.from('/')]))
        if (inside || filter(name)) entries.splice(at, 0, { ...common, type: 'directory', size: 0 })
        taken ||= inside || filter(name)
      } else if (filter(name) && (stat.isFile() || stat.isSymbolicLink())) {
        const linkTarget = stat.isFile() ? undefined : await readlink(child, { encoding: 'buffer' }).catch(fail)
        entries.push({ ...common, type: stat.isFile() ? 'file' : 'symlink', size: stat.isFile() ? stat.size : 0, linkTarget })
        taken = true
      }
    }
    return taken
  }

  const top = await lstat(root).catch(fail)
  await visit(Buffer.from(root), Buffer.alloc(0))
  return [{ path: Buffer.from(root), name: Buffer.from('.'), type: 'directory', mode: top.mode & 0o7777, size: 0, mtimeMs: top.mtimeMs }, ...entries]
}

/** Files up to this size are read whole, some of them ahead. */
const smallFile = 128 * 1024
const ahead = 16

/** The archive, with `last` as its last file; nothing but directories follows. */
export async function* packTree(
  entries: readonly LocalEntry[],
  last: LocalEntry & { readonly content: Uint8Array },
  onBytes: (bytes: number, entry: LocalEntry) => void,
  operation: string,
): AsyncGenerator<Uint8Array, void> {
  const pending = new Map<number, Promise<Buffer>>()
  const prefetch = (index: number): void => {
    const entry = entries[index]
    if (entry?.type !== 'file' || entry.size > smallFile || pending.has(index)) return
    const reading = readFile(entry.path)
    reading.catch(() => undefined) // told when its turn comes
    pending.set(index, reading)
  }
  for (const [index, entry] of entries.entries()) {
    for (let next = index; next < Math.min(entries.length, index + ahead); next += 1) prefetch(next)
    // A directory comes again when all is in it, with its own mode and time: busybox sets them at once, and the next file would change the time.
    yield tarHeader(entry.type === 'directory' ? { ...entry, mode: entry.mode | 0o700 } : entry)
    if (entry.type !== 'file') continue
    const small = pending.get(index)
    pending.delete(index)
    const name = entry.path.toString()
    const content = small === undefined ? undefined : await small.catch((error: unknown) => { throw localError(error, operation, name) })
    let size = 0
    for await (const chunk of content === undefined ? readLarge(entry.path, operation) : [content]) {
      const part = chunk.subarray(0, entry.size - size)
      size += part.length
      if (part.length > 0) yield part
      onBytes(part.length, entry)
    }
    if (size !== entry.size) {
      const message = `Cannot ${operation}: the local file ${JSON.stringify(name)} became shorter while it was read`
      throw new TransportError('FILE_ERROR', message, { details: { path: name, reason: 'changed' }, operation })
    }
    yield tarPadding(size)
  }
  yield tarHeader({ ...last, size: last.content.length })
  yield last.content
  yield tarPadding(last.content.length)
  for (const entry of entries.filter(({ type }) => type === 'directory').reverse()) yield tarHeader(entry)
  yield tarEnd
}

async function* readLarge(path: Buffer, operation: string): AsyncGenerator<Uint8Array, void> {
  const file = await openLocal(path, operation)
  try {
    yield* file.read()
  } finally {
    await file.close()
  }
}

/** Small chunks together, up to `size` bytes: fewer writes, fewer packets. */
export async function* coalesce(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const chunk of source) {
    held.push(chunk)
    length += chunk.length
    if (length < size) continue
    yield held.length === 1 ? chunk : Buffer.concat(held)
    held = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(held)
}
