// One file from here to the far side.
import type { TransferOptions, TransferResult } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { checkAborted } from './aborted.js'
import type { Content } from './content.js'
import { localName, localPath, openLocal } from './local-file.js'
import { checkMode, ownerOf } from './owner.js'
import { createProgress } from './progress.js'
import { putFile } from './put.js'
import { pathBytes } from './script.js'

export async function upload(source: string | URL | Content, path: RemotePath, options: TransferOptions, runnerOf: (call: TransferOptions) => Promise<ScriptRunner>, now: () => number): Promise<TransferResult> {
  const { signal, toDirectory = false } = options
  checkAborted(signal, 'upload')
  const [mode, owner] = [checkMode(options.mode), ownerOf(options)]
  if (typeof source !== 'string' && !(source instanceof URL)) {
    if (toDirectory) throw new TransportError('INVALID_OPTIONS', 'Content has no name that it could have in a directory', { hint: 'Give the whole path of the file.', details: { option: 'toDirectory' } })
    pathBytes(path)
    const total = source instanceof Uint8Array ? source.length : undefined
    return putContent(source, path, total, { mode, owner, keep: true })
  }
  const from = localPath(source)
  const target = toDirectory ? within(path, localName(from)) : path
  pathBytes(target)
  const file = await openLocal(from, 'upload')
  try {
    return await putContent(file.read(), target, file.size, { mode: mode ?? file.mode, owner, keep: true })
  } finally {
    await file.close()
  }

  async function putContent(content: Content, target: RemotePath, total: number | undefined, how: { readonly mode: number | undefined; readonly owner: string | undefined; readonly keep: boolean }): Promise<TransferResult> {
    const progress = createProgress(options, total, target, now)
    const result = await putFile(await runnerOf(options), target, content, { ...how, exclusive: false, operation: 'upload', signal, progress })
    return { bytes: result.bytes, files: 1, sha256: result.sha256, way: result.way === 'stdin' ? 'exec' : result.way }
  }
}

/** A name in a remote directory. */
export function within(directory: RemotePath, name: string): RemotePath {
  if (typeof directory === 'string') return directory.endsWith('/') ? directory + name : `${directory}/${name}`
  return Buffer.concat([directory, Buffer.from(directory.at(-1) === 0x2f ? name : `/${name}`)])
}
