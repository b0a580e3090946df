import { TransportError, type OpenContext, type Session } from '@train-ts/core'
import type { WinrmOptions } from './options.js'

export function open(_options: Readonly<WinrmOptions>, _context: OpenContext): Promise<Session> {
  return Promise.reject(new TransportError('UNSUPPORTED', 'winrm:// cannot open a connection yet', { hint: 'Its wire protocol is being written; use ssh:// to a Windows host with OpenSSH meanwhile.' }))
}
