// Files and directories from here to the far side.
import type { TransferOptions, TransferResult } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import { checkAborted } from './aborted.js'
import type { Content } from './content.js'
import { putContent } from './content-ways.js'
import type { Transferring } from './dependencies.js'
import { isLocalDirectory, localName, localPath, openLocal } from './local-file.js'
import { checkMode, ownerOf } from './owner.js'
import { createProgress } from './progress.js'
import { pathBytes } from './script.js'
import { uploadTree } from './upload-tree.js'

export type Source = string | URL | Uint8Array | AsyncIterable<Uint8Array>

export async function upload(source: Source, path: RemotePath, options: TransferOptions, near: Transferring): Promise<TransferResult> {
  checkAborted(options.signal, 'upload')
  const mode = checkMode(options.mode)
  if (typeof source !== 'string' && !(source instanceof URL)) {
    if (options.toDirectory === true) {
      const hint = 'Give the whole path of the file.'
      throw new TransportError('INVALID_OPTIONS', 'Content has no name that it could have in a directory', { hint, details: { option: 'toDirectory' } })
    }
    return uploadContent(source, path, { ...options, mode }, source instanceof Uint8Array ? source.length : undefined, near)
  }
  const from = localPath(source)
  const target = options.toDirectory === true ? within(path, localName(from)) : path
  if (await isLocalDirectory(from)) return uploadTree(from, target, options, near)
  const file = await openLocal(from, 'upload')
  try {
    return await uploadContent(file.read(), target, { ...options, mode: mode ?? file.mode }, file.size, near)
  } finally {
    await file.close()
  }
}

/** Content under exactly this name. */
async function uploadContent(
  content: Content,
  path: RemotePath,
  options: TransferOptions,
  total: number | undefined,
  near: Transferring,
): Promise<TransferResult> {
  pathBytes(path)
  const put = { mode: options.mode, owner: ownerOf(options), keep: true, exclusive: false, operation: 'upload', signal: options.signal }
  const ways = { runner: await near.runner(options), native: near.native }
  const result = await putContent(ways, path, content, { ...put, progress: createProgress(options, total, path, near.now) })
  return { bytes: result.bytes, files: 1, sha256: result.sha256, way: result.way }
}

/** A name in a remote directory. */
export function within(directory: RemotePath, name: string): RemotePath {
  if (typeof directory === 'string') return directory.endsWith('/') ? directory + name : `${directory}/${name}`
  return Buffer.concat([directory, Buffer.from(directory.at(-1) === 0x2f ? name : `/${name}`)])
}
