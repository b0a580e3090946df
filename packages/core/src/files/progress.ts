// What onProgress is told.
import type { TransferOptions } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { showPath } from './script.js'

/** Counts bytes of one transfer. `now` is in milliseconds; the rate is in bytes a second, over the whole time so far. */
export function createProgress(options: Pick<TransferOptions, 'onProgress'>, total: number | undefined, path: RemotePath, now: () => number): ((bytes: number) => void) | undefined {
  const { onProgress } = options
  if (onProgress === undefined) return undefined
  const start = now()
  return (bytes) => {
    const seconds = (now() - start) / 1000
    onProgress({ bytes, total, rate: seconds > 0 ? bytes / seconds : 0, path: showPath(path) })
  }
}
