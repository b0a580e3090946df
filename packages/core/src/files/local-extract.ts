// A tar archive from the far side, unpacked on this machine. The far side is not trusted: nothing is written outside the destination,
// whatever the archive says, and nothing is written through a link.
import { randomBytes } from 'node:crypto'
import { chmod, link, lstat, mkdir, open, rename, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { TransportError } from '../errors.js'
import type { NameFilter } from './glob.js'
import { localError } from './local-file.js'
import { readArchive } from './tar-reader.js'
import type { Archive, ArchiveEntry, ArchiveHeader } from './tar-reader.js'

export interface ExtractHooks {
  /** Below the destination. */
  readonly onFile: (name: string) => void
  readonly onBytes: (bytes: number, name: string) => void
}

export interface Destination {
  /** A directory that exists. */
  readonly root: string
  /** It was made for this: then it gets the time of the far one, and as much of its mode as this leaves. */
  readonly newMode: number | undefined
}

/** Unpacks into `root`, a directory that exists. Pipes, sockets and devices are left out; bits beyond rwx are dropped. */
export async function extractTree(
  source: AsyncIterable<Uint8Array>,
  { root, newMode }: Destination,
  filter: NameFilter,
  hooks: ExtractHooks,
  operation: string,
): Promise<void> {
  const tree = new LocalTree(root, newMode, operation)
  const archive = readArchive()
  const feeding = feed(source, archive)
  feeding.catch(() => undefined) // it destroys the archive, whose error is thrown below
  try {
    for await (const entry of archive) {
      const name = safeName(nameOf(entry.header, 'name'), operation)
      const { type } = entry.header
      if (name.length === 0) {
        tree.setRoot(entry.header)
      } else if (filter(name.toString())) {
        if (type === 'directory') await tree.directory(name, entry.header)
        else if (type === 'file' || type === 'contiguous-file' || type === null || type === undefined) {
          hooks.onFile(name.toString())
          await tree.file(name, entry, (bytes) => { hooks.onBytes(bytes, name.toString()) })
        } else if (type === 'symlink') tree.link(name, nameOf(entry.header, 'linkname'))
        else if (type === 'link') await tree.hardLink(name, safeName(nameOf(entry.header, 'linkname'), operation))
      }
      entry.resume()
    }
    await feeding
    await tree.finish()
  } catch (error) {
    await tree.drain().catch(() => undefined) // nothing may be written after the call has failed
    await feeding
    throw isArchiveError(error) ? new TransportError('PROTOCOL_ERROR', `The far side sent no sound archive: ${error.message}`, { operation, cause: error }) : error
  }
}

async function feed(source: AsyncIterable<Uint8Array>, archive: Archive): Promise<void> {
  const closed = new Promise<void>((resolve) => archive.once('close', resolve))
  try {
    for await (const chunk of source) {
      if (archive.destroyed) return
      if (!archive.write(chunk)) await Promise.race([new Promise<void>((resolve) => archive.once('drain', resolve)), closed])
    }
    archive.end()
  } catch (error) {
    archive.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

/** Names come as latin1, one character a byte; those of PAX as text. */
function nameOf(header: ArchiveHeader, which: 'name' | 'linkname'): Buffer {
  const value = header[which] ?? ''
  const fromPax = header.pax?.[which === 'name' ? 'path' : 'linkpath'] !== undefined
  return Buffer.from(value, fromPax ? 'utf8' : 'latin1')
}

/** Relative, without `.` and with single slashes. Empty: the root itself. What leads elsewhere is refused, not mended. */
export function safeName(name: Buffer, operation: string): Buffer {
  const text = name.toString('latin1')
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  const hostile = text.startsWith('/') || parts.includes('..') || text.includes('\0') || (process.platform === 'win32' && /[\\:]/.test(text))
  if (!hostile) return Buffer.from(parts.join('/'), 'latin1')
  throw new TransportError('PROTOCOL_ERROR', `The far side named a file that would lie outside the destination: ${JSON.stringify(name.toString())}`, {
    hint: 'Nothing has been written there. Do not trust this machine.',
    details: { reason: 'unsafe-path', path: name.toString() },
    operation,
  })
}

function isArchiveError(error: unknown): error is Error {
  return error instanceof Error && !('code' in error) && error.constructor === Error
}

/** Files up to this size are written beside each other. */
const smallFile = 128 * 1024
const atOnce = 16

interface Pending {
  readonly path: Buffer
  readonly mode: number
  readonly mtime: Date
}

class LocalTree {
  /** Directories that are known to be directories, not links. */
  readonly #known = new Set<string>([''])
  /** Files that this archive brought, for its hard links. */
  readonly #files = new Set<string>()
  readonly #directories: Pending[] = []
  readonly #writing = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined
  readonly #links = new Map<string, Buffer>()
  #root: Pending | undefined

  constructor(private readonly root: string, private readonly newMode: number | undefined, private readonly operation: string) {}

  setRoot(header: ArchiveHeader): void {
    if (this.newMode === undefined) return
    this.#root = { path: Buffer.from(this.root), mode: (header.mode ?? 0o755) & this.newMode, mtime: header.mtime ?? new Date(0) }
  }

  async directory(name: Buffer, header: ArchiveHeader): Promise<void> {
    const mode = (header.mode ?? 0o755) & 0o777
    // One that was there keeps its mode: what comes is added to it.
    if (await this.#enter(name, mode | 0o700)) this.#directories.push({ path: this.#at(name), mode, mtime: header.mtime ?? new Date(0) })
  }

  /** A small file is written while the next entries are read: `drain` waits for all of them. */
  async file(name: Buffer, entry: ArchiveEntry, onBytes: (bytes: number) => void): Promise<void> {
    await this.#enter(parent(name))
    const key = name.toString('latin1')
    if (this.#files.has(key)) await this.drain()
    this.#links.delete(key)
    this.#files.add(key)
    if ((entry.header.size ?? Infinity) > smallFile) return this.#place(name, (temporary) => this.#stream(temporary, entry, onBytes))
    const parts: Uint8Array[] = []
    for await (const chunk of entry) parts.push(chunk)
    const content = Buffer.concat(parts)
    onBytes(content.length)
    const { mode = 0o644, mtime } = entry.header
    if (this.#writing.size >= atOnce) await Promise.race(this.#writing)
    const writing = this.#place(name, async (temporary) => {
      await writeFile(temporary, content, { flag: 'wx', mode: mode & 0o777 })
      if (mtime !== undefined) await utimes(temporary, mtime, mtime)
    }).catch((error: unknown) => { this.#failure ??= { error } })
    this.#writing.add(writing)
    void writing.finally(() => this.#writing.delete(writing))
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Waits until no file is being written. Throws the first failure of any of them. */
  async drain(): Promise<void> {
    await Promise.all(this.#writing)
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #stream(temporary: Buffer, entry: ArchiveEntry, onBytes: (bytes: number) => void): Promise<void> {
    const handle = await open(temporary, 'wx', (entry.header.mode ?? 0o644) & 0o777)
    try {
      for await (const chunk of entry) {
        await handle.writeFile(chunk)
        onBytes(chunk.length)
      }
      if (entry.header.mtime !== undefined) await handle.utimes(entry.header.mtime, entry.header.mtime)
    } finally {
      await handle.close()
    }
  }

  /** Under a temporary name, then under its own. */
  async #place(name: Buffer, write: (temporary: Buffer) => Promise<void>): Promise<void> {
    const temporary = this.#temporary(name)
    try {
      await write(temporary)
      await rename(temporary, this.#at(name))
    } catch (error) {
      await unlink(temporary).catch(() => undefined) // the first error is the one to be told
      throw localError(error, this.operation, this.#at(name).toString())
    }
  }

  /** Made when all files are in place: so that none is written through it. */
  link(name: Buffer, says: Buffer): void {
    this.#links.set(name.toString('latin1'), says)
  }

  async hardLink(name: Buffer, target: Buffer): Promise<void> {
    await this.drain()
    if (!this.#files.has(target.toString('latin1'))) {
      throw new TransportError('PROTOCOL_ERROR', `The far side sent a hard link to what it had not sent: ${JSON.stringify(target.toString())}`, {
        details: { reason: 'unsafe-path', path: name.toString() },
        operation: this.operation,
      })
    }
    await this.#enter(parent(name))
    const temporary = this.#temporary(name)
    await link(this.#at(target), temporary).catch((error: unknown) => { throw localError(error, this.operation, name.toString()) })
    await rename(temporary, this.#at(name))
    this.#files.add(name.toString('latin1'))
  }

  /** Links, then the modes and times of directories, the innermost first. */
  async finish(): Promise<void> {
    await this.drain()
    for (const [key, says] of this.#links) {
      const name = Buffer.from(key, 'latin1')
      await this.#enter(parent(name))
      const temporary = this.#temporary(name)
      await symlink(says, temporary)
        .then(() => rename(temporary, this.#at(name)))
        .catch(async (error: unknown) => {
          await unlink(temporary).catch(() => undefined) // the first error is the one to be told
          throw localError(error, this.operation, this.#at(name).toString())
        })
    }
    for (const { path, mode, mtime } of this.#directories.reverse()) {
      const { mode: now } = await lstat(path)
      // Never more than the umask left.
      if ((now & mode & 0o777) !== (now & 0o777)) await chmod(path, now & mode & 0o777)
      await utimes(path, mtime, mtime)
    }
    if (this.newMode === undefined) return
    await chmod(this.root, this.#root?.mode ?? this.newMode)
    if (this.#root !== undefined) await utimes(this.root, this.#root.mtime, this.#root.mtime)
  }

  /** Makes sure that this is a directory, and no link, and so is each one above it. True: it is new. */
  async #enter(name: Buffer, mode = 0o777): Promise<boolean> {
    const key = name.toString('latin1')
    if (this.#known.has(key)) return false
    await this.#enter(parent(name))
    const path = this.#at(name)
    this.#known.add(key)
    try {
      await mkdir(path, mode)
      return true
    } catch (error) {
      const there = await lstat(path).catch(() => undefined)
      if (there?.isDirectory() === true) return false
      throw localError(error, this.operation, path.toString())
    }
  }

  #at(name: Buffer): Buffer {
    return name.length === 0 ? Buffer.from(this.root) : Buffer.concat([Buffer.from(`${this.root}/`), name])
  }

  #temporary(name: Buffer): Buffer {
    const above = parent(name)
    return Buffer.concat([this.#at(above), Buffer.from(`/.train-ts-${randomBytes(8).toString('hex')}`)])
  }
}

function parent(name: Buffer): Buffer {
  const slash = name.lastIndexOf(0x2f)
  return name.subarray(0, Math.max(0, slash))
}
