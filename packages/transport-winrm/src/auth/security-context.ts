// What logs a connection in and then seals its messages: NTLM, SPNEGO or Kerberos. One context belongs to one socket.
import type { Wrapped } from '../wsman/encrypted.js'

export interface SecurityContext {
  /** Of the Authorization header. */
  readonly scheme: 'Negotiate' | 'Kerberos'
  /** Of a sealed body's protocol. */
  readonly protocol: 'application/HTTP-SPNEGO-session-encrypted' | 'application/HTTP-Kerberos-session-encrypted'
  /**
   * Takes the peer's token (undefined at first), gives ours; undefined: nothing more to send. Throws where the peer's token is not
   * acceptable.
   */
  step(token: Uint8Array | undefined): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** True when messages can be sealed. */
  readonly complete: boolean
  wrap(message: Uint8Array): Wrapped
  unwrap(header: Uint8Array, data: Uint8Array): Uint8Array
  /** Gives back what is not memory of ours. */
  dispose(): void
}
