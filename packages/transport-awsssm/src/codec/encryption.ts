// AES-256-GCM as a session with KMS uses it: nonce, ciphertext, tag. The nonce is an argument. Pure.
import { createCipheriv, createDecipheriv } from 'node:crypto'

export interface SessionKeys {
  readonly encrypt: Uint8Array
  readonly decrypt: Uint8Array
}

const nonceLength = 12
const tagLength = 16

/** Of the 64 bytes that KMS gives, the agent writes with the first half and the client with the second. */
export function clientKeys(plaintextKey: Uint8Array): SessionKeys {
  if (plaintextKey.byteLength !== 64) throw new RangeError('A session key has 64 bytes.')
  return { decrypt: plaintextKey.subarray(0, 32), encrypt: plaintextKey.subarray(32, 64) }
}

export function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** undefined: not what the holder of the key wrote. */
export function unseal(key: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  if (sealed.byteLength < nonceLength + tagLength) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceLength), { authTagLength: tagLength })
  decipher.setAuthTag(sealed.subarray(sealed.byteLength - tagLength))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceLength, sealed.byteLength - tagLength)), decipher.final()])
  } catch {
    return undefined
  }
}
