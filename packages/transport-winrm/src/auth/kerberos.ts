import { TransportError } from '@train-ts/core'
import type { WinrmOptions } from '../options.js'
import type { SecurityContext } from './security-context.js'

/** Makes a context for each connection. */
export function kerberosContexts(_options: Readonly<WinrmOptions>): Promise<(binding: Uint8Array | undefined) => SecurityContext> {
  return Promise.reject(new TransportError('UNSUPPORTED', 'Kerberos is not supported yet.', { hint: 'Use negotiate with a password.' }))
}
