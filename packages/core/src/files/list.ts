// What is in a directory, or in all of a tree, page by page.
import type { DirectoryEntry } from '../connection.js'
import type { RemotePath } from '../driver.js'
import type { ScriptRunner } from '../script-runner.js'
import { ask } from './ask.js'
import { answerRoom } from './budget.js'
import { fileError } from './failure.js'
import { listBody, listLibrary } from './list-script.js'
import { parseList } from './parse-list.js'
import type { ListPage } from './parse-list.js'
import { pathBytes, pathFromBytes, showPath } from './script.js'

export interface ListCall {
  readonly runner: ScriptRunner
  readonly operation: string
  readonly signal: AbortSignal | undefined
  readonly recursive: boolean
  /** Leave out what is in directories that may not be looked into; else that is PERMISSION_DENIED. */
  readonly skipDenied: boolean
}

/** Entries of one exec where nothing else limits them. */
const pageSize = 10_000
/** Bytes that one entry's answer takes, roughly. */
const entrySize = 400

/** Entries with their own metadata (links are not followed); a directory comes before what is in it. */
export async function* listDirectory(path: RemotePath, call: ListCall): AsyncGenerator<DirectoryEntry, void> {
  const directory = pathBytes(path)
  let fits = Math.max(1, Math.min(pageSize, Math.floor(answerRoom(call.runner.capabilities, false) / entrySize)))
  let chunk = Math.min(100, fits)
  const seen = new Set<string>()
  for (let from = 0, chunks = 1; from < chunks; ) {
    const count = Math.max(1, Math.floor(fits / chunk))
    const body = listBody({ path: directory, recursive: call.recursive, chunk, from, count })
    const answer = await ask(call.runner, { body, library: listLibrary, isReadOnly: true, operation: call.operation, signal: call.signal })
    const page = answer.status === undefined ? undefined : parseList(answer.body, chunk === 1)
    const [word = '', total = ''] = (answer.status ?? 'ok').split(' ')
    if (word !== 'ok') throw fileError(answer.status ?? 'short', call.operation, showPath(path))
    if (page === undefined) {
      // Too long, or an entry vanished under its stat: smaller parts, from the beginning; what has been seen is not told again.
      if (answer.status === undefined && fits === 1) throw fileError('short', call.operation, showPath(path))
      if (answer.status === undefined) fits = Math.ceil(fits / 4)
      const smaller = answer.status === undefined ? Math.min(chunk, fits) : Math.ceil(chunk / 10)
      from = 0
      chunk = smaller
      continue
    }
    chunks = Number(total)
    from += count
    yield* entries(page, path, call, seen)
  }
}

function* entries(page: ListPage, path: RemotePath, call: ListCall, seen: Set<string>): Generator<DirectoryEntry, void> {
  for (const { name, stat } of page.entries) {
    // A page is found again by its place: what was created meanwhile moves the rest on.
    const key = Buffer.from(name).toString('latin1')
    if (seen.has(key)) continue
    seen.add(key)
    yield { name: pathFromBytes(name), path: below(path, name), stat }
  }
  const [denied] = page.denied
  if (denied !== undefined && !call.skipDenied) throw fileError('denied', call.operation, showPath(below(path, denied)))
}

/** A path below a directory. */
export function below(directory: RemotePath, name: Uint8Array): RemotePath {
  const start = typeof directory === 'string' ? Buffer.from(directory) : directory
  return pathFromBytes(Buffer.concat([start, Buffer.from(start.at(-1) === 0x2f ? '' : '/'), name]))
}
