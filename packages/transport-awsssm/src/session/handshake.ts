// What the agent asks for at the start of a session, and what we answer. Pure: bytes in, bytes out.
import { payloadType } from '../codec/message.js'
import type { HandshakeAction, ProcessedAction } from '../codec/payload.js'
import { decodeHandshakeRequest, encodeHandshakeResponse } from '../codec/payload.js'

export interface Answered {
  readonly payloadType: number
  readonly payload: Uint8Array
  readonly sessionType: string
  readonly agentVersion: string
  readonly properties: Readonly<Record<string, unknown>> | undefined
  /** What could not be met; the agent will end the session because of it. */
  readonly refused: string | undefined
}

const sessionTypes: ReadonlySet<string> = new Set(['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands', 'Port'])

/** undefined: no handshake request that can be read. */
export function answerHandshake(payload: Uint8Array, clientVersion: string): Answered | undefined {
  const request = decodeHandshakeRequest(payload)
  if (request === undefined) return undefined
  const processed = request.actions.map(process)
  const session = request.actions.find((action) => action.type === 'SessionType')
  return {
    payloadType: payloadType.handshakeResponse,
    payload: encodeHandshakeResponse(clientVersion, processed),
    sessionType: session?.sessionType ?? '',
    agentVersion: request.agentVersion,
    properties: session?.properties,
    refused: processed.find(({ status }) => status !== 1)?.error,
  }
}

function process(action: HandshakeAction): ProcessedAction {
  if (action.type === 'SessionType') {
    if (sessionTypes.has(action.sessionType)) return { name: 'SessionType', status: 1, result: null, error: '' }
    return { name: 'SessionType', status: 2, result: null, error: `Unknown session type ${action.sessionType.slice(0, 60)}` }
  }
  if (action.type === 'KMSEncryption') return { name: 'KMSEncryption', status: 3, result: null, error: 'KMS encryption is not supported' }
  return { name: action.name.slice(0, 60), status: 3, result: null, error: `Unsupported action ${action.name.slice(0, 60)}` }
}
