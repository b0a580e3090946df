// What a connection offers of files, over core's scripts.
import type { FileOptions, FileStat, RemoteFile, TemporaryFile, TemporaryOptions, TransferOptions, TransferResult } from '../connection.js'
import type { FileFailure, RemotePath } from '../driver.js'
import { checkAborted } from './aborted.js'
import type { Content } from './content.js'
import type { FilesDependencies, Transferring } from './dependencies.js'
import { download } from './download.js'
import { createRemoteFile, createTemporary } from './remote-file.js'
import { statPaths } from './stat.js'
import { upload } from './upload.js'

export interface Files {
  file(path: RemotePath): RemoteFile
  files(paths: readonly RemotePath[], options?: FileOptions): Promise<readonly (FileStat | FileFailure)[]>
  /** An empty file, or a directory, that nobody else can look into, and that goes when it is disposed. */
  temporaryFile(options?: TemporaryOptions): Promise<TemporaryFile>
  temporaryDirectory(options?: TemporaryOptions): Promise<TemporaryFile>
  upload(source: string | URL | Uint8Array | AsyncIterable<Uint8Array>, path: RemotePath, options?: TransferOptions): Promise<TransferResult>
  download(path: RemotePath, destination: string | URL, options?: TransferOptions): Promise<TransferResult>
}

export function createFiles(dependencies: FilesDependencies): Files {
  const near: Transferring = {
    runner: dependencies.runner,
    get native() { return dependencies.native },
    now: dependencies.now ?? (() => performance.now()),
  }
  return {
    file: (path) => createRemoteFile(path, dependencies),
    async files(paths, options = {}) {
      checkAborted(options.signal, 'files')
      if (paths.length === 0) return []
      const runner = await dependencies.runner(options)
      return statPaths(runner, paths, { follow: options.follow ?? true, hash: options.hash, full: false, operation: 'files', signal: options.signal })
    },
    temporaryFile: (options = {}) => createTemporary('file', options, dependencies),
    temporaryDirectory: (options = {}) => createTemporary('directory', options, dependencies),
    upload: (source: string | URL | Content, path, options = {}) => upload(source, path, options, near),
    download: (path, destination, options = {}) => download(path, destination, options, near),
  }
}
