// The key of an encrypted session, from AWS KMS. The SDK's client for it is loaded by the first session that asks.
import { TransportError } from '@train-ts/core'
import { describeFailure, withoutRequest } from '../errors.js'
import type { AwsSsmOptions } from '../options.js'

export interface DataKey {
  /** 64 bytes: half for each direction. */
  readonly plaintext: Uint8Array
  /** For the agent, which has it opened by KMS in the same context. */
  readonly ciphertext: Uint8Array
}

export type DataKeySource = (keyId: string, context: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<DataKey>

export function createDataKeySource(options: Readonly<AwsSsmOptions>): DataKeySource {
  return async (keyId, context, signal) => {
    const { GenerateDataKeyCommand, KMSClient } = await import('@aws-sdk/client-kms')
    const client = new KMSClient({
      ...(options.region === undefined ? {} : { region: options.region }),
      ...(options.profile === undefined ? {} : { profile: options.profile }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
      ...(options.kms_endpoint === undefined ? {} : { endpoint: options.kms_endpoint }),
    })
    try {
      const input = { KeyId: keyId, NumberOfBytes: 64, EncryptionContext: { ...context } }
      const answer = await client.send(new GenerateDataKeyCommand(input), { abortSignal: signal })
      if (answer.Plaintext?.byteLength !== 64 || answer.CiphertextBlob === undefined) throw new TransportError('PROTOCOL_ERROR', 'KMS gave no key of 64 bytes.')
      return { plaintext: answer.Plaintext, ciphertext: answer.CiphertextBlob }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof TransportError) throw error
      const { name, message } = describeFailure(error)
      throw new TransportError('AUTH_FAILED', `This account's sessions are encrypted, and KMS gives no key for it: ${name}: ${message}`, {
        cause: withoutRequest(error), hint: 'Allow kms:GenerateDataKey on the key of the session document to these credentials.', details: { reason: 'kms' },
      })
    } finally {
      client.destroy()
    }
  }
}
