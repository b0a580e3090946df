// Files and directories from the far side to here.
import { join } from 'node:path'
import type { TransferOptions, TransferResult } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { isTransportError, TransportError } from '../errors.js'
import { checkAborted } from './aborted.js'
import type { Transferring } from './dependencies.js'
import { readContent } from './content-ways.js'
import type { WayName } from './content-ways.js'
import { downloadTree } from './download-tree.js'
import { createLocal, localPath } from './local-file.js'
import type { LocalSink } from './local-file.js'
import { checkMode } from './owner.js'
import { createProgress } from './progress.js'
import { pathBytes, showPath } from './script.js'

export async function download(path: RemotePath, destination: string | URL, options: TransferOptions, near: Transferring): Promise<TransferResult> {
  const { signal, toDirectory = false } = options
  checkAborted(signal, 'download')
  pathBytes(path)
  const mode = checkMode(options.mode)
  for (const option of ['owner', 'group'] as const) {
    if (options[option] !== undefined) throw new TransportError('INVALID_OPTIONS', `A download leaves its files to the user who runs this program: ${option} is not for it`, { details: { option } })
  }
  const place = localPath(destination)
  const target = toDirectory ? join(place, lastName(path)) : place
  let progress: ((bytes: number) => void) | undefined
  let sink: LocalSink | undefined
  let sha256: string | undefined
  let bytes = 0
  let isOpen = false
  let way: WayName = 'exec'
  const whole = { start: 0, end: undefined, verify: true, operation: 'download', signal }
  try {
    const hooks = {
      head: async (head: { readonly size: number; readonly mode: number | undefined }): Promise<void> => {
        isOpen = true
        progress = createProgress(options, head.size > 0 ? head.size : undefined, path, near.now)
        sink = await createLocal(target, mode ?? head.mode ?? 0o666, 'download')
      },
      way: (name: WayName): void => { way = name },
      verified: (hash: string | undefined): void => { sha256 = hash },
    }
    for await (const part of readContent({ runner: await near.runner(options), native: near.native }, path, whole, hooks)) {
      await sink?.write(part)
      bytes += part.length
      progress?.(bytes)
    }
    await sink?.commit(mode)
    return { bytes, files: 1, sha256, way }
  } catch (error) {
    if (isOpen || !isTransportError(error, 'FILE_ERROR') || error.details.reason !== 'is-a-directory') throw error
    return await downloadTree(path, target, options, near)
  } finally {
    await sink?.discard()
  }
}

/** The name that a remote file has in its directory. */
function lastName(path: RemotePath): string {
  const name = /([^/]+)\/*$/.exec(showPath(path))?.[1]
  if (name === undefined || name === '.' || name === '..') throw new TransportError('INVALID_OPTIONS', `${JSON.stringify(showPath(path))} has no name that it could have in a directory`, { details: { option: 'toDirectory' } })
  return name
}
