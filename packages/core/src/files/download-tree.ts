// A directory from the far side to here: as one tar stream, where the far side has tar, else file by file.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DirectoryEntry, TransferOptions, TransferResult } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { ask, askStream } from './ask.js'
import { answerRoom } from './budget.js'
import { makeTemporary, remove } from './change.js'
import type { Transferring } from './dependencies.js'
import { fileError } from './failure.js'
import { compileFilter } from './glob.js'
import type { NameFilter } from './glob.js'
import { listDirectory } from './list.js'
import { extractTree } from './local-extract.js'
import type { Destination, ExtractHooks } from './local-extract.js'
import { localError } from './local-file.js'
import { createProgress } from './progress.js'
import { readFile } from './read.js'
import { pathBytes, showPath } from './script.js'
import { tarEnd, tarHeader, tarPadding } from './tar-pack.js'
import { packBody } from './tree-scripts.js'

const operation = 'download'

/** Into `target`: a new directory appears whole; in one that is there each file does. */
export async function downloadTree(path: RemotePath, target: string, options: TransferOptions, near: Transferring): Promise<TransferResult> {
  if (options.mode !== undefined) {
    throw new TransportError('INVALID_OPTIONS', 'A directory brings the modes of its files: mode is for a single file', { details: { option: 'mode' } })
  }
  const runner = await near.runner(options)
  const destination = await prepare(target)
  let [bytes, files] = [0, 0]
  let tell: ((bytes: number) => void) | undefined
  const hooks: ExtractHooks = {
    onFile: (name) => { files += 1; tell = createProgress(options, undefined, `${showPath(path)}/${name}`, near.now) },
    onBytes: (more) => { bytes += more; tell?.(bytes) },
  }
  const filter = compileFilter(options.include, options.exclude)
  try {
    let way = 'tar'
    const extractFrom = (source: AsyncIterable<Uint8Array>): Promise<void> => extractTree(source, destination, filter, hooks, operation)
    try {
      await extractFrom(packed(runner, path, options.signal))
    } catch (error) {
      if (!(error instanceof NoTar)) throw error
      way = 'exec'
      await extractFrom(repacked(runner, path, filter, options.signal))
    }
    if (destination.newMode !== undefined) await rename(destination.root, target).catch((error: unknown) => { throw localError(error, operation, target) })
    return { bytes, files, sha256: undefined, way }
  } catch (error) {
    // The first error is the one to be told.
    if (destination.newMode !== undefined) await rm(destination.root, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
}

/** The far side has no tar; nothing has arrived. */
class NoTar extends Error {}

async function prepare(target: string): Promise<Destination> {
  const there = await stat(target).catch(() => undefined)
  if (there?.isDirectory() === true) return { root: await realpath(target), newMode: undefined }
  const root = join(dirname(target), `.train-ts-${randomBytes(8).toString('hex')}`)
  if (there !== undefined) {
    const message = `Cannot ${operation}: the local ${JSON.stringify(target)} is not a directory, what is to be downloaded is one`
    throw new TransportError('FILE_ERROR', message, { details: { path: target, reason: 'not-a-directory' }, operation })
  }
  await mkdir(root).catch((error: unknown) => { throw localError(error, operation, target) })
  // What the umask leaves; nobody looks into it until it is in its place.
  const { mode } = await stat(root)
  await chmod(root, 0o700)
  return { root, newMode: mode & 0o777 }
}

/** The archive as the far side's tar makes it. */
async function* packed(runner: ScriptRunner, path: RemotePath, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void> {
  const check = (status: string): void => {
    if (status === 'notar') throw new NoTar()
    if (status !== 'ok') throw fileError(status, operation, showPath(path))
  }
  if (answerRoom(runner.capabilities, true) === Infinity) {
    const answer = askStream(runner, { body: packBody(pathBytes(path), undefined), operation, signal })
    let finished = false
    try {
      for (;;) {
        const next = await answer.next()
        finished = next.done === true
        if (next.done === true) return check(next.value ?? 'short')
        yield next.value
      }
    } finally {
      if (!finished) await answer.return(undefined)
    }
  }
  // Too long for one answer: into a file of the far side first, which is read in ranges.
  const carrier = await makeTemporary({ runner, signal }, undefined, 'file')
  try {
    const { status } = await ask(runner, { body: packBody(pathBytes(path), pathBytes(carrier)), operation, signal })
    check(status ?? 'short')
    yield* readFile(runner, carrier, { start: 0, end: undefined, verify: true, operation, signal })
  } finally {
    await remove({ runner, signal: undefined }, carrier, false, true).catch(() => undefined) // an error that is under way says more
  }
}

/** The same archive without the far side's tar: file by file. What is not wanted is not read. */
async function* repacked(runner: ScriptRunner, path: RemotePath, filter: NameFilter, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void> {
  const entries: DirectoryEntry[] = []
  for await (const entry of listDirectory(path, { runner, operation, signal, recursive: true, skipDenied: false })) entries.push(entry)
  for (const { name, path: place, stat } of entries) {
    const { type, mode, size } = stat
    if (!filter(name) || (type !== 'file' && type !== 'directory' && type !== 'symlink')) continue
    const linkTarget = stat.linkTarget === undefined ? undefined : Buffer.from(stat.linkTarget)
    const mtimeMs = Number.isNaN(stat.mtimeMs) ? 0 : stat.mtimeMs
    if (type !== 'file') {
      yield tarHeader({ name: Buffer.from(name), type, mode, size: 0, mtimeMs, linkTarget })
      continue
    }
    yield tarHeader({ name: Buffer.from(name), type, mode, size, mtimeMs })
    let bytes = 0
    for await (const part of readFile(runner, place, { start: 0, end: size === 0 ? undefined : size, verify: false, operation, signal })) {
      bytes += part.length
      if (bytes > size) throw fileError('changed', operation, showPath(place))
      yield part
    }
    if (bytes < size) throw fileError('changed', operation, showPath(place))
    yield tarPadding(size)
  }
  yield tarEnd
}
