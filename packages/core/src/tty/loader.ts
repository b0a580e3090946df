// A program in pieces, for the loader that the take-over line has started: `offset sum text`, answered by how much is there, `<length.length>`.
import { sumOf } from './cksum.js'
import type { Sum } from './cksum.js'

/** One line for the loader, without its LF. */
export function pieceLine(offset: number, text: string, sum: Sum = 'cksum'): string {
  return `${offset} ${sumOf(sum, `${offset} ${text}`)} ${text}`
}

/** Runs what has been loaded, if it is the whole program. */
export function runLine(length: number): string {
  return `: ${length} ${length}`
}

/** How much of the program the loader has, by the last answer that is whole. */
export function loaded(screen: string): number | undefined {
  const last = [...screen.matchAll(/<(\d+)\.\1>/g)].at(-1)
  return last === undefined ? undefined : Number(last[1])
}

/** Runs a text as it is: for a far side without `cksum`. */
export function evalLine(text: string): string {
  return `. ${text}`
}

/** The first piece of `text` of at most `size` characters. No piece begins or ends with a blank: `read` would take it away. */
export function firstPiece(text: string, size: number): string {
  let end = Math.min(size, text.length)
  while (end < text.length && (text[end - 1] === ' ' || text[end] === ' ')) end++
  return text.slice(0, end)
}
