// The frame of Session Manager's data channel: one in each WebSocket message, big-endian, the same in both directions. Pure.
import { createHash } from 'node:crypto'

export type MessageType = 'input_stream_data' | 'output_stream_data' | 'acknowledge' | 'channel_closed' | 'pause_publication' | 'start_publication' | 'agent_session_state'

export const payloadType = {
  none: 0, output: 1, error: 2, size: 3, parameter: 4, handshakeRequest: 5, handshakeResponse: 6, handshakeComplete: 7,
  challengeRequest: 8, challengeResponse: 9, flag: 10, stderr: 11, exitCode: 12,
} as const

export interface ClientMessage {
  /** One of {@link MessageType}, or a name that is not known yet. */
  readonly type: string
  /** Epoch milliseconds. */
  readonly created: number
  readonly sequence: number
  /** 1 SYN, 2 FIN. Nobody sets FIN on stream data. */
  readonly flags: number
  /** As a UUID is usually written. */
  readonly id: string
  readonly payloadType: number
  readonly payload: Uint8Array
}

/** Offset of the payload's length in every message that is known; a longer header may come. */
const headerLength = 116
/** More than any peer sends; a header's own length is the peer's word. */
const largestMessage = 1_048_576

export function encodeMessage(message: ClientMessage): Buffer {
  const frame = Buffer.alloc(headerLength + 4 + message.payload.byteLength)
  frame.writeUInt32BE(headerLength, 0)
  frame.write(message.type.padEnd(32, ' '), 4, 32, 'latin1')
  frame.writeUInt32BE(1, 36)
  frame.writeBigUInt64BE(BigInt(message.created), 40)
  frame.writeBigInt64BE(BigInt(message.sequence), 48)
  frame.writeBigUInt64BE(BigInt(message.flags), 56)
  swapHalves(Buffer.from(message.id.replaceAll('-', ''), 'hex')).copy(frame, 64)
  digest(message.payload).copy(frame, 80)
  frame.writeUInt32BE(message.payloadType, 112)
  frame.writeUInt32BE(message.payload.byteLength, headerLength)
  frame.set(message.payload, headerLength + 4)
  return frame
}

export type Decoded =
  | { readonly ok: true; readonly message: ClientMessage }
  /** To be dropped without an ack, so that the peer sends it again. */
  | { readonly ok: false; readonly reason: 'too-short' | 'too-long' | 'header-length' | 'payload-length' | 'no-type' | 'no-date' | 'digest' }

export function decodeMessage(bytes: Uint8Array): Decoded {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (frame.byteLength < headerLength + 4) return { ok: false, reason: 'too-short' }
  if (frame.byteLength > largestMessage) return { ok: false, reason: 'too-long' }
  const header = frame.readUInt32BE(0)
  if (header < headerLength || header + 4 > frame.byteLength) return { ok: false, reason: 'header-length' }
  const payload = frame.subarray(header + 4)
  if (frame.readUInt32BE(header) !== payload.byteLength) return { ok: false, reason: 'payload-length' }
  const type = frame.toString('latin1', 4, 36).replace(/^\0+|\0+$/g, '').trim()
  const message: ClientMessage = {
    type,
    created: Number(frame.readBigUInt64BE(40)),
    sequence: Number(frame.readBigInt64BE(48)),
    flags: Number(frame.readBigUInt64BE(56)),
    id: formatUuid(swapHalves(frame.subarray(64, 80))),
    payloadType: frame.readUInt32BE(112),
    payload,
  }
  // The service may send these two without a date and a good digest.
  if (type === 'start_publication' || type === 'pause_publication') return { ok: true, message }
  if (type === '') return { ok: false, reason: 'no-type' }
  if (message.created === 0) return { ok: false, reason: 'no-date' }
  if (payload.byteLength > 0 && !digest(payload).equals(frame.subarray(80, 112))) return { ok: false, reason: 'digest' }
  return { ok: true, message }
}

function digest(payload: Uint8Array): Buffer {
  return createHash('sha256').update(payload).digest()
}

/** On the wire the second half of a UUID comes first. */
function swapHalves(uuid: Uint8Array): Buffer {
  return Buffer.concat([uuid.subarray(8, 16), uuid.subarray(0, 8)])
}

function formatUuid(uuid: Buffer): string {
  return uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
