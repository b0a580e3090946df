// Changes of the file system over exec: what may be done to a path, each in one exec.
import type { RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { ask, newToken } from './ask.js'
import {
  changeLibrary, copyBody, makeDirectoryBody, ownershipBody, removeBody, renameBody, symlinkBody, temporaryBody, touchBody,
} from './change-scripts.js'
import type { Ownership } from './change-scripts.js'
import { fileError } from './failure.js'
import { pathBytes, pathFromBytes, showPath } from './script.js'

/** What every change is told. */
export interface ChangeCall {
  readonly runner: ScriptRunner
  readonly signal: AbortSignal | undefined
}

async function change({ runner, signal }: ChangeCall, operation: string, path: RemotePath, body: string): Promise<Uint8Array> {
  const answer = await ask(runner, { body, library: changeLibrary, operation, signal })
  if (answer.status !== 'ok') throw fileError(answer.status ?? 'short', operation, showPath(path))
  return answer.body
}

export async function makeDirectory(call: ChangeCall, path: RemotePath, what: Ownership): Promise<void> {
  await change(call, 'makeDirectory', path, makeDirectoryBody(pathBytes(path), what))
}

export async function remove(call: ChangeCall, path: RemotePath, recursive: boolean, missingOk: boolean): Promise<void> {
  // What is never meant: it would take the machine, or the directory in which the command stands.
  if (recursive && /^(?:\/*|(?:.*\/)?\.\.?\/*)$/.test(showPath(path))) {
    throw new TransportError('INVALID_OPTIONS', `Refused to remove ${JSON.stringify(showPath(path))} with all that is in it`, { hint: 'Name the directory itself.' })
  }
  await change(call, 'remove', path, removeBody(pathBytes(path), recursive, missingOk))
}

export async function rename(call: ChangeCall, path: RemotePath, to: RemotePath, exclusive: boolean): Promise<void> {
  await change(call, 'rename', path, renameBody(pathBytes(path), pathBytes(to), exclusive))
}

export async function copy(call: ChangeCall, path: RemotePath, to: RemotePath, recursive: boolean): Promise<void> {
  await change(call, 'copy', path, copyBody(pathBytes(path), pathBytes(to), recursive, newToken(8)))
}

export async function setOwnership(call: ChangeCall, operation: string, path: RemotePath, what: Ownership, recursive: boolean, follow: boolean): Promise<void> {
  await change(call, operation, path, ownershipBody(pathBytes(path), what, recursive, follow))
}

export async function symlink(call: ChangeCall, path: RemotePath, target: RemotePath, replace: boolean): Promise<void> {
  await change(call, 'symlink', path, symlinkBody(pathBytes(path), linkTarget(target), replace, newToken(8)))
}

export async function touch(call: ChangeCall, path: RemotePath, mtimeMs: number | undefined, create: boolean): Promise<void> {
  await change(call, 'touch', path, touchBody(pathBytes(path), mtimeMs === undefined ? undefined : mtimeMs / 1000, create))
}

/** Answers where it is. */
export async function makeTemporary(call: ChangeCall, directory: RemotePath | undefined, kind: 'file' | 'directory'): Promise<RemotePath> {
  const place = directory === undefined ? undefined : pathBytes(directory)
  const body = temporaryBody(place, `train-ts-${newToken(8)}`, kind)
  return pathFromBytes(await change(call, `temporary ${kind}`, directory ?? '$TMPDIR', body))
}

/** A link's target is text of its own: it gets no `./` in front. */
function linkTarget(target: RemotePath): Uint8Array {
  pathBytes(target)
  return typeof target === 'string' ? Buffer.from(target) : target
}
