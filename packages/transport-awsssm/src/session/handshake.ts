// What the agent asks for at the start of a session, and what we answer. Pure: bytes in, bytes out.
import { payloadType } from '../codec/message.js'
import type { HandshakeAction, HandshakeRequest, ProcessedAction } from '../codec/payload.js'
import { encodeHandshakeResponse } from '../codec/payload.js'

export interface Answered {
  readonly payloadType: number
  readonly payload: Uint8Array
  /** What could not be met; the agent will end the session because of it. */
  readonly refused: string | undefined
}

const sessionTypes: ReadonlySet<string> = new Set(['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands', 'Port'])

export type EncryptionAction = Extract<HandshakeAction, { readonly type: 'KMSEncryption' }>

/** The key that the agent wants, where the session is encrypted. */
export function encryptionOf({ actions }: HandshakeRequest): EncryptionAction | undefined {
  return actions.find((action) => action.type === 'KMSEncryption')
}

/** Binds the key to this session, so that it opens no other one. */
export function encryptionContext(sessionId: string, target: string, { challenge }: EncryptionAction): Readonly<Record<string, string>> {
  return { 'aws:ssm:SessionId': sessionId, 'aws:ssm:TargetId': target, ...(challenge === undefined ? {} : { 'aws:ssm:RandomChallenge': challenge }) }
}

/** `key`: the data key as KMS has sealed it, where the agent asks for encryption. */
export function answerHandshake(request: HandshakeRequest, clientVersion: string, key?: Uint8Array): Answered {
  const processed = request.actions.map((action) => process(action, key))
  return {
    payloadType: payloadType.handshakeResponse,
    payload: encodeHandshakeResponse(clientVersion, processed),
    refused: processed.find(({ status }) => status !== 1)?.error,
  }
}

function process(action: HandshakeAction, key: Uint8Array | undefined): ProcessedAction {
  if (action.type === 'SessionType') {
    if (sessionTypes.has(action.sessionType)) return { name: 'SessionType', status: 1, result: null, error: '' }
    return { name: 'SessionType', status: 2, result: null, error: `Unknown session type ${action.sessionType.slice(0, 60)}` }
  }
  if (action.type === 'KMSEncryption') {
    if (key === undefined) return { name: 'KMSEncryption', status: 2, result: null, error: 'No key for the encryption' }
    const acknowledged = action.challenge === undefined ? {} : { ChallengeAcknowledgement: true }
    const result = { KMSCipherTextKey: Buffer.from(key).toString('base64'), KMSCipherTextHash: null, ...acknowledged }
    return { name: 'KMSEncryption', status: 1, result, error: '' }
  }
  return { name: action.name.slice(0, 60), status: 3, result: null, error: `Unsupported action ${action.name.slice(0, 60)}` }
}
