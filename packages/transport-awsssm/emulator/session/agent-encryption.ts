// The agent's part in an encrypted session: asks for a key, has KMS open it, and makes sure that the client has it too.
import { randomBytes } from 'node:crypto'
import { seal, unseal } from '../../src/codec/encryption.js'
import { decodeChallenge, encodeChallenge } from '../../src/codec/payload.js'
import type { Kms } from '../kms.js'

interface Response {
  readonly ProcessedClientActions?: readonly {
    readonly ActionType?: string
    readonly ActionResult?: { readonly KMSCipherTextKey?: string; readonly ChallengeAcknowledgement?: boolean } | null
  }[]
}

export class AgentEncryption {
  readonly #random = randomBytes(16).toString('base64')
  readonly #secret = randomBytes(64)
  readonly #keyId: string
  readonly #kms: Kms
  readonly #context: Readonly<Record<string, string>>
  #keys: { readonly encrypt: Buffer; readonly decrypt: Buffer } | undefined

  constructor(keyId: string, kms: Kms, sessionId: string, target: string) {
    this.#keyId = keyId
    this.#kms = kms
    this.#context = { 'aws:ssm:SessionId': sessionId, 'aws:ssm:TargetId': target, 'aws:ssm:RandomChallenge': this.#random }
  }

  get action(): object {
    return { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: this.#keyId, Challenge: this.#random } }
  }

  /** False: the client's answer gives no key that opens in this session. */
  accept(response: Uint8Array): boolean {
    const { ProcessedClientActions: actions } = JSON.parse(Buffer.from(response).toString()) as Response // what clients send
    const result = actions?.find(({ ActionType }) => ActionType === 'KMSEncryption')?.ActionResult
    const key = result?.ChallengeAcknowledgement === true ? this.#kms.decrypt(result.KMSCipherTextKey ?? '', this.#context) : undefined
    if (key === undefined) return false
    this.#keys = { encrypt: key.subarray(0, 32), decrypt: key.subarray(32) }
    return true
  }

  challenge(): Buffer {
    return encodeChallenge(this.seal(this.#secret))
  }

  answers(payload: Uint8Array): boolean {
    const sealed = decodeChallenge(payload)
    return sealed !== undefined && this.open(sealed)?.equals(this.#secret) === true
  }

  seal(bytes: Uint8Array): Buffer {
    return this.#keys === undefined ? Buffer.from(bytes) : seal(this.#keys.encrypt, randomBytes(12), bytes)
  }

  open(bytes: Uint8Array): Buffer | undefined {
    return this.#keys === undefined ? undefined : unseal(this.#keys.decrypt, bytes)
  }
}
