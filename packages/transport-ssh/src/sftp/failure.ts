// What a refusal of an SFTP server means for a path.
import { TransportError } from '@train-ts/core'
import type { FileFailure, RemotePath } from '@train-ts/core'
import { SftpStatus } from './client.js'
import { status } from './packet.js'

/** SFTP has few words: "Failure" may be a full disk or a directory in the way. Core asks by exec where it needs the reason. */
export function fileFailure(cause: unknown): FileFailure | undefined {
  if (!(cause instanceof SftpStatus)) return undefined
  if (cause.status === status.noSuchFile) return { error: 'FILE_NOT_FOUND', cause }
  if (cause.status === status.permissionDenied) return { error: 'PERMISSION_DENIED', cause }
  return { error: 'FILE_ERROR', cause }
}

export function fileError(path: RemotePath, cause: unknown): unknown {
  const failure = fileFailure(cause)
  if (failure === undefined || !(cause instanceof SftpStatus)) return cause
  const shown = typeof path === 'string' ? path : Buffer.from(path).toString('latin1')
  if (cause.status === status.unsupported) return new TransportError('UNSUPPORTED', `The SFTP server cannot do this to ${shown}: ${cause.message}.`, { details: { path: shown }, cause })
  return new TransportError(failure.error, `${shown}: ${cause.message}.`, { details: { path: shown }, cause })
}
