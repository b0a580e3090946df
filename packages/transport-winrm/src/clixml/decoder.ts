// PowerShell's stderr as it arrives, in any pieces: CLIXML blocks become records, everything else passes as it is.
import { decodeObjects, type ClixmlRecord } from './objects.js'

export type ClixmlEvent = { readonly type: 'raw'; readonly data: Buffer } | ClixmlRecord

export interface ClixmlDecoder {
  push(data: Uint8Array): readonly ClixmlEvent[]
  /** What was held back. */
  end(): readonly ClixmlEvent[]
}

const header = Buffer.from('#< CLIXML', 'latin1')
const opening = Buffer.from('<Objs ', 'latin1')
const closing = Buffer.from('</Objs>', 'latin1')
const mark = Buffer.from([0xef, 0xbb, 0xbf])
const newline = 0x0a

/** `maxBlock`: bytes of a block beyond which it passes as it is. */
export function createClixmlDecoder(maxBlock = 16 * 1024 * 1024): ClixmlDecoder {
  let pending = Buffer.alloc(0)
  /** A header came: blocks may follow, with raw text between. */
  let armed = false
  /** `pending` begins with a block. */
  let inBlock = false
  let atLineStart = true
  let searched = 0

  function take(events: ClixmlEvent[], length: number, raw: boolean): void {
    if (length === 0) return
    if (raw) {
      events.push({ type: 'raw', data: pending.subarray(0, length) })
      atLineStart = pending[length - 1] === newline
    }
    pending = pending.subarray(length)
  }

  /** Reads one step; false: more bytes are needed. */
  function step(events: ClixmlEvent[], last: boolean): boolean {
    if (inBlock) {
      const end = pending.indexOf(closing, searched)
      if (end < 0) {
        searched = Math.max(0, pending.length - closing.length)
        if (!last && pending.length <= maxBlock) return false
        take(events, pending.length, true)
      } else {
        const length = end + closing.length
        const records = decodeObjects(pending.toString('utf8', 0, length))
        if (records !== undefined) events.push(...records)
        take(events, length, records === undefined)
        atLineStart = true
      }
      inBlock = false
      searched = 0
      return pending.length > 0
    }
    const found = findNext(pending, armed, atLineStart, last)
    take(events, found.at, true)
    if (found.what === 'wait') return false
    inBlock = found.what === 'block'
    if (found.what === 'header') {
      take(events, found.length, false)
      armed = true
      atLineStart = true
    }
    return pending.length > 0
  }

  function run(last: boolean): readonly ClixmlEvent[] {
    const events: ClixmlEvent[] = []
    while (pending.length > 0 && step(events, last));
    return events
  }

  return {
    push(data) {
      pending = Buffer.concat([pending, data])
      return run(false)
    },
    end() {
      return run(true)
    },
  }
}

type Found = { readonly what: 'wait' | 'block'; readonly at: number } | { readonly what: 'header'; readonly at: number; readonly length: number }

/** The next header or block; `wait` at the first byte that may be the beginning of one. */
function findNext(bytes: Buffer, armed: boolean, lineStart: boolean, last: boolean): Found {
  for (let at = 0; at < bytes.length; at++) {
    const startsLine = at === 0 ? lineStart : bytes[at - 1] === newline
    const byte = bytes[at]
    if (startsLine && (byte === header[0] || byte === mark[0])) {
      const length = headerLength(bytes.subarray(at), last)
      if (length === 'more') return { what: 'wait', at }
      if (length > 0) return { what: 'header', at, length }
    }
    if (armed && byte === opening[0]) {
      const rest = bytes.subarray(at, at + opening.length)
      if (rest.equals(opening)) return { what: 'block', at }
      if (!last && opening.subarray(0, rest.length).equals(rest)) return { what: 'wait', at }
    }
  }
  return { what: 'wait', at: bytes.length }
}

/** Length of a whole header line, byte order mark included; 0: none. */
function headerLength(bytes: Buffer, last: boolean): number | 'more' {
  const text = bytes.subarray(0, mark.length + header.length + 2)
  const start = text.subarray(0, mark.length).equals(mark) ? mark.length : 0
  for (const end of ['\n', '\r\n']) {
    const line = Buffer.concat([header, Buffer.from(end, 'latin1')])
    if (text.subarray(start, start + line.length).equals(line)) return start + line.length
    if (start > 0 || text[0] === header[0]) {
      if (!last && line.subarray(0, Math.max(0, text.length - start)).equals(text.subarray(start))) return 'more'
    } else if (!last && mark.subarray(0, text.length).equals(text)) return 'more'
  }
  return 0
}
