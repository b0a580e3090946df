// Reads what the envelope printed, out of the texts that the API gives. Pure.
import { gunzipSync } from 'node:zlib'
import { budget, mark } from './envelope.js'

/** One stream of an answer. */
export interface Part {
  readonly data: Uint8Array
  /** Bytes that the stream has in all; `data` holds the first of them. */
  readonly total: number
  /** More of it is on the node. */
  readonly more: boolean
  /** A part of `data` is gone for good. */
  readonly damaged: boolean
}

export type Answer =
  /** `code` is undefined where the command was ended by the far side. */
  | { readonly kind: 'result'; readonly code: number | undefined; readonly stdout: Part; readonly stderr: Part }
  | { readonly kind: 'page'; readonly part: Part }
  /** The envelope could not begin: the command has not run. */
  | { readonly kind: 'refused'; readonly reason: 'no-directory' | 'no-base64' }
  /** Not the envelope's words. */
  | { readonly kind: 'unknown' }

const resultLine = /^(\d{1,3}|-) ([tbzs]):(\d+):(\d+) ([tbzs]):(\d+):(\d+) lost=(o?e?)$/
const pageLine = /^page ([tbzs]):(\d+):(\d+)$/

/** The most that one block decompresses to; the envelope compresses nothing longer. */
const largestBlock = 4_194_304

export function parseAnswer(stdout: string, stderr: string): Answer {
  const end = stdout.indexOf('\n')
  const first = end === -1 ? stdout : stdout.slice(0, end)
  if (!first.startsWith(`${mark} `)) return { kind: 'unknown' }
  const words = first.slice(mark.length + 1)
  if (words === 'no-directory' || words === 'no-base64') return { kind: 'refused', reason: words }
  const body = Buffer.from(stdout.slice(end + 1))
  const result = resultLine.exec(words)
  if (result !== null) {
    const [, code = '', method1 = '', total1 = '', sent1 = '', method2 = '', total2 = '', sent2 = '', lost = ''] = result
    return {
      kind: 'result',
      code: code === '-' ? undefined : Number(code),
      stdout: partOf(method1, Number(total1), Number(sent1), body, lost.includes('o')),
      stderr: partOf(method2, Number(total2), Number(sent2), Buffer.from(stderr), lost.includes('e')),
    }
  }
  const [, method = '', total = '', sent = ''] = pageLine.exec(words) ?? []
  return method === '' ? { kind: 'unknown' } : { kind: 'page', part: partOf(method, Number(total), Number(sent), body, false) }
}

/** The sizes are the node's word: nothing is taken beyond what arrived, and what does not fit them is damage, never silence. */
function partOf(method: string, total: number, sent: number, text: Buffer, lost: boolean): Part {
  const payload = text.subarray(0, Math.min(sent, budget.stdout))
  // The agent's own sentence, and nothing else, may follow. A byte that was replaced on the way makes the text longer.
  const intact = payload.byteLength === sent && /^(failed to run commands: |$)/.test(text.subarray(sent, sent + 40).toString())
  const data = method === 't' ? payload : method === 'z' ? inflate(payload, total) : Buffer.from(payload.toString('latin1'), 'base64')
  const whole = intact && (method === 's' ? data.byteLength < total : data.byteLength === total)
  return { data: data.subarray(0, total), total, more: method === 's' && whole, damaged: lost || !whole }
}

function inflate(payload: Buffer, total: number): Buffer {
  try {
    return gunzipSync(Buffer.from(payload.toString('latin1'), 'base64'), { maxOutputLength: Math.max(1, Math.min(total, largestBlock)) })
  } catch {
    return Buffer.alloc(0)
  }
}
