// Signing and sealing of messages after the login (MS-NLMP §3.4, with extended session security, 128 bits and key exchange).
import { timingSafeEqual } from 'node:crypto'
import { hmacMd5, md5 } from './keys.js'
import { createRc4, type Rc4 } from './rc4.js'

export interface Sealed {
  readonly signature: Buffer
  readonly data: Buffer
}

/** One direction of a session. Its state moves with every message, so messages must come in their order. */
interface Direction {
  readonly signKey: Buffer
  readonly sealKey: Buffer
  cipher: Rc4
  sequence: number
}

export interface NtlmSession {
  seal(message: Uint8Array): Sealed
  /** Throws where the message is not the next one of this session, unchanged. */
  unseal(signature: Uint8Array, data: Uint8Array): Buffer
  /** A signature alone, over a message that travels in clear (SPNEGO's mechListMIC). */
  sign(message: Uint8Array): Buffer
  verify(message: Uint8Array, signature: Uint8Array): boolean
  /** After SPNEGO's mechListMIC the ciphers begin anew and the numbers go on (MS-SPNG §3.3.5.1). */
  restartCiphers(): void
}

export class SealError extends Error {
  override readonly name = 'SealError'
}

export function createNtlmSession(exportedSessionKey: Uint8Array, role: 'client' | 'server'): NtlmSession {
  const clientToServer = direction(exportedSessionKey, 'client-to-server')
  const serverToClient = direction(exportedSessionKey, 'server-to-client')
  const [outgoing, incoming] = role === 'client' ? [clientToServer, serverToClient] : [serverToClient, clientToServer]
  return {
    seal(message) {
      // The data goes through the cipher before the checksum does.
      const data = outgoing.cipher(message)
      return { signature: signatureOf(outgoing, message), data }
    },
    unseal(signature, data) {
      const message = incoming.cipher(data)
      if (!same(signatureOf(incoming, message), signature)) throw new SealError('the signature of a sealed message is wrong')
      return message
    },
    sign: (message) => signatureOf(outgoing, message),
    verify: (message, signature) => same(signatureOf(incoming, message), signature),
    restartCiphers() {
      for (const one of [outgoing, incoming]) one.cipher = createRc4(one.sealKey)
    },
  }
}

function direction(exportedSessionKey: Uint8Array, name: string): Direction {
  const derive = (use: string): Buffer => md5(exportedSessionKey, Buffer.from(`session key to ${name} ${use} key magic constant\0`, 'latin1'))
  const sealKey = derive('sealing')
  return { signKey: derive('signing'), sealKey, cipher: createRc4(sealKey), sequence: 0 }
}

function signatureOf(side: Direction, message: Uint8Array): Buffer {
  const signature = Buffer.alloc(16)
  const sequence = Buffer.alloc(4)
  sequence.writeUInt32LE(side.sequence)
  side.sequence = (side.sequence + 1) >>> 0
  signature.writeUInt32LE(1)
  side.cipher(hmacMd5(side.signKey, sequence, message).subarray(0, 8)).copy(signature, 4)
  sequence.copy(signature, 12)
  return signature
}

function same(expected: Buffer, given: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(expected, given)
}
