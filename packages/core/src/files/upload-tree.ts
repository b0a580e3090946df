// A directory from here to the far side: as one tar stream, where the far side has tar, else file by file.
import type { TransferOptions, TransferResult } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { isTransportError, TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { untilAborted } from './aborted.js'
import { ask, newToken, wholeScript } from './ask.js'
import { makeDirectory, remove, symlink } from './change.js'
import type { Transferring } from './dependencies.js'
import { fileError } from './failure.js'
import { compileFilter } from './glob.js'
import { below } from './list.js'
import { coalesce, packTree, readLocalTree } from './local-tree.js'
import type { LocalEntry } from './local-tree.js'
import { openLocal } from './local-file.js'
import { ownerOf } from './owner.js'
import { createProgress } from './progress.js'
import { putFile } from './put.js'
import { pathBytes, showPath } from './script.js'
import { cleanTreeBody, tarThere, unpackBody } from './tree-scripts.js'
import type { UnpackPlan } from './tree-scripts.js'

const operation = 'upload'

export async function uploadTree(root: string, path: RemotePath, options: TransferOptions, near: Transferring): Promise<TransferResult> {
  if (options.mode !== undefined) {
    throw new TransportError('INVALID_OPTIONS', 'A directory brings the modes of its files: mode is for a single file', { details: { option: 'mode' } })
  }
  const plan: UnpackPlan = { path: pathBytes(path), token: newToken(8), owner: ownerOf(options), archive: undefined }
  const runner = await near.runner(options)
  const entries = await readLocalTree(root, compileFilter(options.include, options.exclude), operation)
  const files = entries.filter((entry) => entry.type === 'file')
  const total = files.reduce((sum, entry) => sum + entry.size, 0)
  let bytes = 0
  const progress = (path: RemotePath): ((more: number) => void) => {
    const tell = createProgress(options, total, path, near.now)
    return (more) => { bytes += more; tell?.(bytes) }
  }
  const perFile = new Map<LocalEntry, (more: number) => void>()
  const count = (more: number, entry: LocalEntry): void => {
    let tell = perFile.get(entry)
    if (tell === undefined) perFile.clear()
    perFile.set(entry, tell ??= progress(below(path, entry.name)))
    tell(more)
  }
  const way = (await asArchive(runner, plan, entries, count, options, showPath(path))) ?? (await oneByOne(runner, path, entries, plan.owner, count, options))
  return { bytes, files: files.length, sha256: undefined, way }
}

/** Undefined: the far side has no tar. */
async function asArchive(
  runner: ScriptRunner,
  plan: UnpackPlan,
  entries: readonly LocalEntry[],
  count: (bytes: number, entry: LocalEntry) => void,
  options: TransferOptions,
  path: string,
): Promise<'tar' | undefined> {
  const { signal } = options
  const end = { path: Buffer.alloc(0), name: Buffer.from(`.train-ts-end-${plan.token}`), type: 'file', mode: 0o600, size: 0, mtimeMs: 0, content: Buffer.from(plan.token) } as const
  let failure: { readonly error: unknown } | undefined
  const archive = async function* (): AsyncGenerator<Uint8Array, void> {
    try {
      yield* coalesce(untilAborted(packTree(entries, end, count, operation), signal, operation), 64 * 1024)
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  const run = async (body: string, input?: AsyncIterable<Uint8Array>): Promise<string> => {
    const answer = await ask(runner, { body, operation, input, signal }).catch((error: unknown) => { throw failure === undefined ? error : failure.error })
    if (failure !== undefined) throw failure.error
    return answer.status ?? 'short'
  }
  let carrier: RemotePath | undefined
  try {
    let status: string
    if (runner.inputLimit(wholeScript(runner, unpackBody(plan))) === Infinity && runner.capabilities.binary) {
      status = await run(unpackBody(plan), archive())
    } else {
      // The archive goes over as a file, piece by piece, and is unpacked from there.
      if ((await run(`${tarThere}\nsay ok`)) === 'notar') return undefined
      const name = Buffer.from(`.train-ts-${plan.token}.tar`)
      carrier = below(parentOf(plan.path), name)
      const put = { mode: 0o600, owner: undefined, keep: false, exclusive: true, operation, signal, progress: undefined }
      await putFile(runner, carrier, archive(), put)
      status = await run(unpackBody({ ...plan, archive: pathBytes(carrier) }))
    }
    if (status === 'notar') return undefined
    if (status !== 'ok') throw fileError(status, operation, path)
    return 'tar'
  } catch (error) {
    const isGone = isTransportError(error, 'CONNECTION_LOST') || isTransportError(error, 'CONNECTION_CLOSED')
    const clean = { body: cleanTreeBody(plan), operation, signal: AbortSignal.timeout(10_000) }
    if (!isGone) await ask(runner, clean).catch(() => undefined) // the first error is the one to be told
    throw error
  } finally {
    if (carrier !== undefined) await remove({ runner, signal: undefined }, carrier, false, true).catch(() => undefined) // the same
  }
}

/** Without tar: each file by itself, atomically. */
async function oneByOne(
  runner: ScriptRunner,
  path: RemotePath,
  entries: readonly LocalEntry[],
  owner: string | undefined,
  count: (bytes: number, entry: LocalEntry) => void,
  options: TransferOptions,
): Promise<string> {
  const { signal } = options
  let way = 'exec'
  for (const entry of entries) {
    const target = entry.name.toString() === '.' ? path : below(path, entry.name)
    if (entry.type === 'directory') await makeDirectory({ runner, signal }, target, { mode: entry.mode, owner })
    else if (entry.type === 'symlink') await symlink({ runner, signal }, target, entry.linkTarget ?? new Uint8Array(0), true)
    else {
      const file = await openLocal(entry.path, operation)
      try {
        let sent = 0
        const progress = (bytes: number): void => { count(bytes - sent, entry); sent = bytes }
        const result = await putFile(runner, target, file.read(), { mode: entry.mode, owner, keep: true, exclusive: false, operation, signal, progress })
        way = result.way
      } finally {
        await file.close()
      }
    }
  }
  return way
}

/** The directory of a path: `.` for a bare name. */
function parentOf(path: Uint8Array): Uint8Array {
  const text = Buffer.from(path)
  let end = text.length
  while (end > 1 && text[end - 1] === 0x2f) end -= 1
  const slash = text.subarray(0, end).lastIndexOf(0x2f)
  return slash < 0 ? Buffer.from('.') : text.subarray(0, Math.max(1, slash))
}
