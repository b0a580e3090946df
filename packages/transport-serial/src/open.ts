import { TransportError, type OpenContext, type Session } from '@train-ts/core'
import type { SerialOptions } from './options.js'

/** Nothing is opened yet: an answer now is better than a port that is held and cannot be used. */
export function open(_options: Readonly<SerialOptions>, _context: OpenContext): Promise<Session> {
  return Promise.reject(
    new TransportError('UNSUPPORTED', 'serial:// cannot open a connection yet', { hint: 'Its options are final, its connection is being written; reach the machine by ssh:// or awsssm:// meanwhile.' }),
  )
}
