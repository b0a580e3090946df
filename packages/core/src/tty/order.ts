// What the host says to the agent. SAFETY: a line that reaches a login shell instead of the agent is run there; in this alphabet (letters,
// digits, blank, `. - + / = \0ooo`, which begins with a number or one capital) it is one "command not found".
import { sumOf } from './cksum.js'
import type { Sum } from './cksum.js'

/** A text for `printf %b`: every byte outside a safe alphabet as `\0ooo`. */
export function escapeText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += safe.has(byte) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`
  return text
}

const safe: ReadonlySet<number> = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:,=+@-', 'latin1'))

/** Cuts an escaped text into pieces of at most `size` characters, never within `\0ooo`. */
export function cutEscaped(text: string, size: number): readonly string[] {
  const pieces: string[] = []
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + size, text.length)
    const escape = text.lastIndexOf('\\', end - 1)
    if (end < text.length && escape > start && escape > end - 5) end = escape
    pieces.push(text.slice(start, end))
    start = end
  }
  return pieces
}

/** An order that is numbered, checked, done once and in turn, and acknowledged by `a number`. */
export interface NumberedOrder {
  readonly kind: 'F' | 'C' | 'R' | 'S' | 'Z'
  readonly first: string
  readonly second: string
  /** Without blanks. */
  readonly text: string
}

/** A piece of the next command's text, escaped. */
export function commandPiece(text: string, first: boolean): NumberedOrder {
  return { kind: 'C', first: first ? '0' : '1', second: '-', text }
}

/** Runs the text as `job`, its streams cut into blocks of so many bytes. */
export function runJob(job: number, stdin: boolean, block: number): NumberedOrder {
  return { kind: 'R', first: String(job), second: stdin ? 's' : 'n', text: String(block) }
}

/** A chunk of stdin; `w` says that it is written, `n` that nobody reads. */
export function stdinChunk(data: Uint8Array): NumberedOrder {
  return { kind: 'S', first: '-', second: '-', text: Buffer.from(data).toString('base64') }
}

export const stdinEnd: NumberedOrder = { kind: 'Z', first: '-', second: '-', text: '-' }

/** The same order as several, each with at most `size` characters of text. */
export function fragments(order: NumberedOrder, size: number): readonly NumberedOrder[] {
  const pieces: NumberedOrder[] = []
  let rest = order.text
  for (; rest.length > size; rest = rest.slice(size)) pieces.push({ kind: 'F', first: '-', second: '-', text: rest.slice(0, size) })
  return [...pieces, { ...order, text: rest }]
}

/** One line, without its LF. */
export function numberedOrder(number: number, { kind, first, second, text }: NumberedOrder, sum: Sum = 'cksum'): string {
  const fields = `${kind} ${first} ${second} ${text}`
  return `${number} ${sumOf(sum, `${number} ${fields}`)} ${fields}`
}

/** Orders that may come twice or not at all. What matters in them stands there twice, against a damaged line. */
export const order = {
  /** Frames of `channel` up to `sequence` have arrived. */
  acknowledge: (channel: 'o' | 'e', sequence: number, job: number) => `A ${channel} ${sequence} ${channel}.${sequence}.${job}`,
  /**
   * Say again the frames of these numbers, if they are there, how the command ended, if it has, and (`v`) which order was the last. From now
   * on cut the streams into blocks of so many bytes.
   */
  poll: (stdout: number, stderr: number, id: number, block: number) => `P ${stdout} ${stderr} ${id} ${block} ${stdout}.${stderr}.${id}.${block}`,
  /** So many bytes of a slot, `o0` to `e3`. */
  getPart: (slot: string, offset: number, size: number) => `G ${slot} ${slot} ${offset} ${size}`,
  /** Send this mark behind all that the command has written. */
  barrier: (mark: string) => `Y ${mark} ${mark}`,
  kill: (signal: 'TERM' | 'KILL', job: number) => `K ${signal} ${job} ${signal}.${job}`,
  /** In full, since one flipped bit makes a Q of a P. */
  quit: 'Q Q Q',
} as const
