// What stands in a frame's payload, where it is JSON or a number. What comes from the peer is read defensively: a wrong shape is undefined. Pure.

/** In place of an ack's JSON. */
export interface Acknowledgement {
  readonly type: string
  readonly id: string
  readonly sequence: number
}

/** Field order as the official programs write it. */
export function encodeAcknowledgement({ type, id, sequence }: Acknowledgement): Buffer {
  return json({ AcknowledgedMessageType: type, AcknowledgedMessageId: id, AcknowledgedMessageSequenceNumber: sequence, IsSequentialMessage: true })
}

export function decodeAcknowledgement(payload: Uint8Array): Acknowledgement | undefined {
  const fields = object(payload)
  const { AcknowledgedMessageType: type, AcknowledgedMessageId: id, AcknowledgedMessageSequenceNumber: sequence } = fields ?? {}
  return typeof sequence === 'number' && Number.isSafeInteger(sequence) ? { type: text(type), id: text(id), sequence } : undefined
}

export interface HandshakeRequest {
  readonly agentVersion: string
  readonly actions: readonly HandshakeAction[]
}
export type HandshakeAction =
  | { readonly type: 'SessionType'; readonly sessionType: string; readonly properties: Readonly<Record<string, unknown>> | undefined }
  | { readonly type: 'KMSEncryption'; readonly keyId: string; readonly challenge: string | undefined }
  | { readonly type: 'unknown'; readonly name: string }

export function decodeHandshakeRequest(payload: Uint8Array): HandshakeRequest | undefined {
  const fields = object(payload)
  const list = fields?.['RequestedClientActions']
  if (fields === undefined || !Array.isArray(list)) return undefined
  return { agentVersion: text(fields['AgentVersion']), actions: list.slice(0, 20).map(actionOf) }
}

function actionOf(value: unknown): HandshakeAction {
  const action = record(value) ?? {}
  const parameters = record(action['ActionParameters']) ?? {}
  const name = text(action['ActionType'])
  if (name === 'SessionType') return { type: 'SessionType', sessionType: text(parameters['SessionType']), properties: record(parameters['Properties']) }
  if (name === 'KMSEncryption') return { type: 'KMSEncryption', keyId: text(parameters['KMSKeyId']), challenge: text(parameters['Challenge']) || undefined }
  return { type: 'unknown', name }
}

export interface ProcessedAction {
  readonly name: string
  /** 1 done, 2 failed, 3 not supported; anything but 1 makes the agent end the session. */
  readonly status: 1 | 2 | 3
  readonly result: object | null
  readonly error: string
}

export function encodeHandshakeResponse(clientVersion: string, actions: readonly ProcessedAction[]): Buffer {
  const errors = actions.filter(({ error }) => error !== '').map(({ error }) => error)
  return json({
    ClientVersion: clientVersion,
    ProcessedClientActions: actions.map(({ name, status, result, error }) => ({ ActionType: name, ActionStatus: status, ActionResult: result, Error: error })),
    Errors: errors.length === 0 ? null : errors,
  })
}

export function decodeHandshakeComplete(payload: Uint8Array): { readonly customerMessage: string } {
  return { customerMessage: text(object(payload)?.['CustomerMessage']) }
}

/** Why the service closed the channel; empty where all went well. */
export function decodeChannelClosed(payload: Uint8Array): string {
  return text(object(payload)?.['Output'])
}

export function decodeChallenge(payload: Uint8Array): Buffer | undefined {
  const challenge = object(payload)?.['Challenge']
  return typeof challenge === 'string' ? Buffer.from(challenge, 'base64') : undefined
}

export function encodeChallenge(bytes: Uint8Array): Buffer {
  return json({ Challenge: Buffer.from(bytes).toString('base64') })
}

export function encodeSize(columns: number, rows: number): Buffer {
  return json({ cols: columns, rows })
}

/** 1: the local side of a port has gone. 2: end the session. 3: the agent could not reach the port. */
export const flag = { disconnectToPort: 1, terminateSession: 2, connectToPortError: 3 } as const

export function encodeFlag(value: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(value)
  return payload
}

export function decodeFlag(payload: Uint8Array): number | undefined {
  return payload.byteLength === 4 ? Buffer.from(payload).readUInt32BE(0) : undefined
}

/** `EXIT_CODE: 3`, as text. -1 is death by a signal. */
export function decodeExitCode(payload: Uint8Array): number | undefined {
  const match = /^EXIT_CODE: (-?\d{1,10})$/.exec(Buffer.from(payload).toString('latin1').trim())
  return match?.[1] === undefined ? undefined : Number(match[1])
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function object(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (payload.byteLength > 65_536) return undefined
  try {
    return record(JSON.parse(Buffer.from(payload).toString('utf8')))
  } catch {
    return undefined
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined // an object, as just checked
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
