// What the host says to the agent. SAFETY: a line that reaches a login shell instead of the agent is run there; in this alphabet (letters,
// digits, blank, `. - + / = \0ooo`, which begins with a number or one capital) it is one "command not found".
import { cksum } from './cksum.js'

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

/** The orders that are numbered, checked, done once and in turn, and acknowledged by `a number`. */
export type NumberedOrder =
  /** A piece of the next command's text. */
  | { readonly kind: 'C'; readonly first: boolean; readonly text: string }
  /** Runs the text as `job`. */
  | { readonly kind: 'R'; readonly job: number; readonly stdin: boolean; readonly block: number }
  /** A chunk of stdin; `w` says that it is written, `n` that nobody reads. */
  | { readonly kind: 'S'; readonly data: Uint8Array }
  /** The end of stdin. */
  | { readonly kind: 'Z' }

/** One line, without its LF. */
export function numberedOrder(number: number, order: NumberedOrder): string {
  const text = fields(order)
  return `${number} ${cksum(`${number} ${text}`)} ${text}`
}

function fields(order: NumberedOrder): string {
  switch (order.kind) {
    case 'C': return `C ${order.first ? 0 : 1} - ${order.text}`
    case 'R': return `R ${order.job} ${order.stdin ? 's' : 'n'} ${order.block}`
    case 'S': return `S - - ${Buffer.from(order.data).toString('base64')}`
    case 'Z': return 'Z - - -'
  }
}

/** Orders that may come twice or not at all. What matters in them stands there twice, against a damaged line. */
export const order = {
  /** Frames of `channel` up to `sequence` have arrived. */
  acknowledge: (channel: 'o' | 'e', sequence: number, job: number) => `A ${channel} ${sequence} ${channel}.${sequence}.${job}`,
  /** Say again the frames of these numbers, if they are there, how the command ended, if it has, and give a sign of life. */
  poll: (stdout: number, stderr: number) => `P ${stdout} ${stderr} ${stdout}.${stderr}`,
  /** From now on cut the streams into blocks of so many bytes. */
  block: (size: number) => `B ${size} ${size}`,
  /** The part `index` of so many bytes of a slot, `o0` to `e3`. */
  getPart: (slot: string, index: number, size: number) => `G ${slot} ${slot} ${index} ${size}`,
  /** Send this mark behind all that the command has written. */
  barrier: (mark: string) => `Y ${mark} ${mark}`,
  kill: (signal: 'TERM' | 'KILL', job: number) => `K ${signal} ${job} ${signal}.${job}`,
  quit: 'Q',
} as const
