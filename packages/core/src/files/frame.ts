// The far side's answer, picked out of whatever stands around it. Pure: bytes in, bytes out, cut anywhere.
import { createArmourDecoder } from './armour.js'

/** One answer: `TOKEN<k`, newline, body, `TOKEN>words`, newline. The body may be any bytes, in armour `k`: r none, b base64, x hexadecimal. */
export interface FrameReader {
  /** Takes the next bytes and gives back what is known to belong to the body. */
  push(data: Uint8Array): Uint8Array
  /** True once the answer has begun. */
  readonly started: boolean
  /** The words of its last line; undefined while it has not come. */
  readonly status: string | undefined
  /** What came before the answer, at most 400 bytes, for error messages. */
  readonly noise: string
  /** True where the far side answered in hexadecimal: its answers are three times as long as what they carry. */
  readonly hexadecimal: boolean
}

const newline = 0x0a

export function createFrameReader(token: string): FrameReader {
  const start = Buffer.from(`${token}<`)
  const end = Buffer.from(`${token}>`)
  let phase: 'before' | 'body' | 'status' | 'done' = 'before'
  let held: Buffer = Buffer.alloc(0)
  let noise = Buffer.alloc(0)
  let decode = createArmourDecoder('r')
  let kind = ''
  let status: string | undefined

  function seekStart(): boolean {
    const at = held.indexOf(start)
    const head = at < 0 ? Math.max(0, held.length - start.length + 1) : at
    noise = Buffer.concat([noise, held.subarray(0, head)]).subarray(0, 400)
    held = held.subarray(head)
    const line = at < 0 ? -1 : held.indexOf(newline)
    if (line < 0) return false
    kind = String.fromCharCode(held[start.length] ?? 0x72)
    decode = createArmourDecoder(kind === 'b' || kind === 'x' ? kind : 'r')
    const rest = held.subarray(line + 1)
    held = Buffer.alloc(0)
    phase = 'body'
    body = takeBody(decode(rest))
    return true
  }

  /** Looks for the end; holds back what might be its beginning. */
  function takeBody(plain: Uint8Array): Buffer {
    held = held.length === 0 ? Buffer.from(plain.buffer, plain.byteOffset, plain.length) : Buffer.concat([held, plain])
    const at = held.indexOf(end)
    const length = at < 0 ? Math.max(0, held.length - end.length + 1) : at
    const part = held.subarray(0, length)
    held = held.subarray(at < 0 ? length : at + end.length)
    if (at >= 0) {
      phase = 'status'
      takeStatus()
    }
    return part
  }

  function takeStatus(): void {
    const line = held.indexOf(newline)
    if (line < 0) return
    status = held.subarray(0, line).toString('utf8')
    held = Buffer.alloc(0)
    phase = 'done'
  }

  let body: Buffer = Buffer.alloc(0)
  return {
    push(data) {
      body = Buffer.alloc(0)
      if (phase === 'before') {
        held = Buffer.concat([held, data])
        seekStart()
      } else if (phase === 'body') {
        body = takeBody(decode(data))
      } else if (phase === 'status') {
        held = Buffer.concat([held, decode(data)])
        takeStatus()
      }
      return body
    },
    get started() { return phase !== 'before' },
    get status() { return status },
    get noise() { return noise.toString('utf8') },
    get hexadecimal() { return kind === 'x' },
  }
}
