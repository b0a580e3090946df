// What the agent says to the host: one line each. A line that does not prove itself is noise, never output.
import { sumOf } from './cksum.js'

/** The exit code by which the agent says that the command's directory is not there. */
export const directoryMissing = 999

export type Channel = 'o' | 'e'

export type Frame =
  /** Bytes of stdout or stderr; none: the end of that stream. */
  | { readonly kind: 'data'; readonly channel: Channel; readonly job: number; readonly sequence: number; readonly data: Uint8Array }
  /** A part of a kept line that did not arrive whole. */
  | { readonly kind: 'part'; readonly slot: string; readonly offset: number; readonly size: number; readonly text: string }
  /** Orders up to this number are done. */
  | { readonly kind: 'done'; readonly number: number }
  /** How a command has ended. */
  | { readonly kind: 'exit'; readonly job: number; readonly code: number }
  /** A chunk of stdin, by its order's number: written, or nobody reads it. */
  | { readonly kind: 'written'; readonly job: number; readonly number: number; readonly taken: boolean }
  /** So many processes of a job were left after a signal. */
  | { readonly kind: 'left'; readonly job: number; readonly count: number }
  /** An answer to a poll: the number of the last order that was done. */
  | { readonly kind: 'alive'; readonly number: number; readonly poll: number }
  /** `suspect`: looks like a frame that the line has damaged. */
  | { readonly kind: 'noise'; readonly text: string; readonly suspect: boolean }

/** Reads one line (latin1, without its LF; a CR before it is taken off). */
export function parseFrame(raw: string): Frame {
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
  return checked(line) ?? doubled(line) ?? { kind: 'noise', text: line, suspect: /^[oegaxwnkv] |\d \d+$|\d\.\d+ .?\d|^.{0,3}\d+\.\d+ \d+\.\d|[A-Za-z0-9+/=]{40}/.test(line) }
}

function checked(line: string): Frame | undefined {
  const match = /^((?:[oe] \d+ \d+ [A-Za-z0-9+/=]*)|(?:g [a-z0-9]+ \d+ \d+ .*)) (?:(\d+) (\d+)|([0-9a-f]{32}) {2}-)$/.exec(line)
  if (match === null) return undefined
  const [, text = '', sum, length, digest] = match
  if (digest === undefined ? Number(length) !== text.length || sum !== sumOf('cksum', text) : digest !== sumOf('md5sum', text)) return undefined
  const [kind = '', first = '', second = '', third = ''] = text.split(' ', 4)
  if (kind === 'g') {
    const rest = text.slice(kind.length + first.length + second.length + third.length + 4)
    return { kind: 'part', slot: first, offset: Number(second), size: Number(third), text: rest }
  }
  return { kind: 'data', channel: kind === 'o' ? 'o' : 'e', job: Number(first), sequence: Number(second), data: Buffer.from(third, 'base64') }
}

function doubled(line: string): Frame | undefined {
  const match = /^([axwnkv]) (\d+)(?:\.(\d+))? \2(?:\.\3)?$/.exec(line)
  if (match === null) return undefined
  const [whole, kind, first, second] = match
  const a = Number(first)
  if (second === undefined) return kind === 'a' ? { kind: 'done', number: a } : undefined
  if (!whole.endsWith(`${first}.${second}`)) return undefined
  const b = Number(second)
  switch (kind) {
    case 'x': return { kind: 'exit', job: a, code: exitCode(b) }
    case 'w': return { kind: 'written', job: a, number: b, taken: true }
    case 'n': return { kind: 'written', job: a, number: b, taken: false }
    case 'v': return { kind: 'alive', number: a, poll: b }
    case 'k': return { kind: 'left', job: a, count: b }
    default: return undefined
  }
}

/** ksh93 reports a signal as 256 + n, yash as 384 + n; everybody else as 128 + n. */
function exitCode(code: number): number {
  if (code === directoryMissing) return code
  return code >= 384 ? code - 256 : code >= 256 ? code - 128 : code
}
