// Who can sign for a public key: the private key itself, or an agent.
import type { ParsedKey } from 'ssh2'
import { agentSign, rsaFlag } from './agent.js'
import { signatureToWire } from './ssh2-internals.js'

export type Hash = 'sha256' | 'sha512'

export interface Signer {
  /** The signature's bytes as they stand in an SSH message, without the algorithm's name. `hash` only for RSA. */
  sign(data: Buffer, hash: Hash | undefined): Promise<Buffer>
}

export function keySigner(key: ParsedKey): Signer {
  return {
    async sign(data, hash) {
      const signature: unknown = key.sign(data, hash) // ssh2 returns its errors
      if (signature instanceof Error) throw signature
      return signatureToWire(signature as Buffer, key.type) // what is no Error is the signature
    },
  }
}

/** `blob`: the key or certificate as the agent knows it. */
export function agentSigner(path: string, blob: Buffer, signal: AbortSignal): Signer {
  return {
    async sign(data, hash) {
      const { algorithm, signature } = await agentSign(path, blob, data, hash === undefined ? 0 : rsaFlag[hash], signal)
      const wanted = hash === undefined ? undefined : hash === 'sha512' ? 'rsa-sha2-512' : 'rsa-sha2-256'
      // An old agent signs with SHA-1, whatever it was asked for.
      if (wanted !== undefined && algorithm !== wanted) throw new Error(`the agent signs with ${algorithm} only`)
      return signature
    },
  }
}
