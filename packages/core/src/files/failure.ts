// The words with which the scripts say why, as errors for users. Pure.
import type { FileFailure } from '../driver.js'
import { TransportError } from '../errors.js'

interface Meaning {
  readonly code: FileFailure['error'] | 'INVALID_OPTIONS'
  readonly reason?: FileReason
  readonly says: string
  readonly hint: string
}

/** `details.reason` of a FILE_ERROR. */
export type FileReason =
  | 'not-a-directory' | 'is-a-directory' | 'not-a-file' | 'no-space' | 'quota' | 'read-only' | 'exists' | 'loop' | 'name-too-long'
  | 'too-large' | 'busy' | 'not-empty' | 'unknown-owner' | 'truncated' | 'changed' | 'corrupted'

const meanings: Readonly<Record<string, Meaning>> = {
  missing: { code: 'FILE_NOT_FOUND', says: 'does not exist', hint: 'Check the path, and that every directory on the way exists.' },
  denied: { code: 'PERMISSION_DENIED', says: 'is not permitted for this user', hint: 'Check owner and mode of the file and of every directory on the way, or use another user.' },
  notdir: { code: 'FILE_ERROR', reason: 'not-a-directory', says: 'goes through something that is not a directory', hint: 'A part of the path before the last one is a file.' },
  isdir: { code: 'FILE_ERROR', reason: 'is-a-directory', says: 'is a directory', hint: 'Name the file itself; for a transfer into the directory say { toDirectory: true }.' },
  special: { code: 'FILE_ERROR', reason: 'not-a-file', says: 'is neither a file nor a directory', hint: 'Pipes, sockets and devices are never opened or replaced by accident; use run() for them.' },
  nospace: { code: 'FILE_ERROR', reason: 'no-space', says: 'does not fit: no space is left on the device', hint: 'Free some space (df, df -i); the old file, if any, is as it was.' },
  quota: { code: 'FILE_ERROR', reason: 'quota', says: "does not fit: the user's disk quota is exceeded", hint: 'Raise the quota or free some space; the old file, if any, is as it was.' },
  readonly: { code: 'FILE_ERROR', reason: 'read-only', says: 'is on a read-only file system', hint: 'Mount it for writing, or choose another place.' },
  exists: { code: 'FILE_ERROR', reason: 'exists', says: 'exists already', hint: 'Remove it first, or choose another name.' },
  loop: { code: 'FILE_ERROR', reason: 'loop', says: 'goes through symbolic links that lead in a circle', hint: 'Look at the links with stat({ follow: false }).' },
  nametoolong: { code: 'FILE_ERROR', reason: 'name-too-long', says: 'has a name that is too long', hint: 'Most file systems take 255 bytes a name.' },
  toolarge: { code: 'FILE_ERROR', reason: 'too-large', says: 'is larger than the file system or the user limit allows', hint: 'Check ulimit -f and the file system.' },
  busy: { code: 'FILE_ERROR', reason: 'busy', says: 'is in use and cannot be replaced', hint: 'A file mounted into a container cannot be renamed over: write it in place by run().' },
  notempty: { code: 'FILE_ERROR', reason: 'not-empty', says: 'is a directory that is not empty', hint: 'Say { recursive: true } to remove what is in it.' },
  inside: { code: 'INVALID_OPTIONS', says: 'would become a part of itself', hint: 'A directory cannot be moved or copied into itself.' },
  nouser: { code: 'FILE_ERROR', reason: 'unknown-owner', says: 'was to be given to a user or group that the far side does not know', hint: 'Name one that exists there, or give its number.' },
  short: { code: 'FILE_ERROR', reason: 'truncated', says: 'did not arrive whole', hint: 'The old file, if any, is as it was. Try again.' },
  offset: { code: 'FILE_ERROR', reason: 'truncated', says: 'did not arrive whole: a part was lost or came twice', hint: 'The old file, if any, is as it was. Try again.' },
  corrupt: { code: 'FILE_ERROR', reason: 'corrupted', says: 'arrived with other bytes than were sent', hint: 'The old file, if any, is as it was. Try again.' },
  changed: { code: 'FILE_ERROR', reason: 'changed', says: 'changed while it was read', hint: 'Read it again when nothing writes to it.' },
}

/** What a method does, where its name is no verb. */
const verbs: Readonly<Record<string, string>> = { text: 'read', bytes: 'read', stream: 'read', exists: 'look at', files: 'look at', makeDirectory: 'make the directory' }

/** An error of the file layer: `word` is what a script said, perhaps with the system's own message behind it. */
export function fileError(word: string, operation: string, path: string, cause?: unknown): TransportError {
  const [key = '', ...text] = word.split(' ')
  const meaning = meanings[key]
  const what = `${verbs[operation] ?? operation} ${JSON.stringify(path)}`
  if (meaning === undefined) {
    const message = text.join(' ').replaceAll('\r', '')
    return new TransportError('FILE_ERROR', `Cannot ${what}${message === '' ? '' : `: ${message}`}`, { details: { path }, operation, cause })
  }
  const said = text.join(' ').split('\n')[0] ?? ''
  return new TransportError(meaning.code, `Cannot ${what}: it ${meaning.says}${said === '' ? '' : ` (${said})`}`, {
    hint: meaning.hint,
    details: meaning.reason === undefined ? { path } : { path, reason: meaning.reason },
    operation,
    cause,
  })
}

/** The same as a value, for answers about many files. `cause` is the error that the single call would have thrown. */
export function fileFailure(word: string, operation: string, path: string): FileFailure {
  const meaning = meanings[word]
  const reason = meaning?.reason
  const code = meaning === undefined || meaning.code === 'INVALID_OPTIONS' ? 'FILE_ERROR' : meaning.code
  return { error: code, ...(isSeamReason(reason) ? { reason } : {}), cause: fileError(word, operation, path) }
}

const seamReasons: ReadonlySet<string> = new Set(['not-a-directory', 'is-a-directory', 'no-space', 'quota', 'read-only', 'exists', 'loop', 'name-too-long'])
function isSeamReason(reason: string | undefined): reason is NonNullable<FileFailure['reason']> {
  return reason !== undefined && seamReasons.has(reason)
}
