// KMS as far as sessions need it: data keys that open only in the context for which they were made.
import { randomBytes, randomUUID } from 'node:crypto'
import { ServiceError } from './http.js'
import { record, textOr } from './input.js'

export class Kms {
  readonly #keys = new Map<string, { readonly context: string; readonly plaintext: Buffer }>()

  generateDataKey(input: Readonly<Record<string, unknown>>): object {
    if (input['NumberOfBytes'] !== 64) throw new ServiceError('ValidationException', 'NumberOfBytes')
    const blob = randomUUID()
    const plaintext = randomBytes(64)
    this.#keys.set(blob, { plaintext, context: canonical(record(input['EncryptionContext'] ?? {})) })
    return { KeyId: textOr(input['KeyId'], ''), Plaintext: plaintext.toString('base64'), CiphertextBlob: Buffer.from(blob).toString('base64') }
  }

  /** undefined: another context, or no such key. */
  decrypt(ciphertext: string, context: Readonly<Record<string, string>>): Buffer | undefined {
    const key = this.#keys.get(Buffer.from(ciphertext, 'base64').toString())
    return key?.context === canonical(context) ? key.plaintext : undefined
  }
}

function canonical(context: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1)))
}
