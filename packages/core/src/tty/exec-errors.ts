// What a command is wrapped in, and how its failures are told.
import type { ExecRequest } from '../driver.js'
import { TransportError } from '../errors.js'
import { quotePosix } from '../shell/quote-posix.js'

/** Where the agent's files are, as the command sees it: its token without the job's number. */
const agentDirectory = '${TRAIN_TTY%.*}'

/** The command in its directory. Where that is not there, a file beside the agent's tells it, and the command does not run. */
export function inDirectory({ command, cwd }: ExecRequest): string {
  if (cwd === undefined) return command
  const path = cwd.startsWith('-') ? `./${cwd}` : cwd
  return `cd ${quotePosix(path)} 2>/dev/null||{ :>"${agentDirectory}/n";exit 1; }; ${command}`
}

export function noDirectory(path: string | undefined): TransportError<'FILE_NOT_FOUND'> {
  return new TransportError('FILE_NOT_FOUND', 'The directory in which the command should run is not there, or may not be entered.', {
    hint: 'Create it, or leave cwd out.', details: { reason: 'cwd', ...(path === undefined ? {} : { path }) },
  })
}

export function aborted(reason: unknown, killed: boolean): TransportError<'ABORTED'> {
  return new TransportError('ABORTED', 'The command was aborted.', { cause: reason, details: { killed } })
}
