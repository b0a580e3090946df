// Reads the answer of list-script.ts. Pure.
import type { FileStat } from '../connection.js'
import { FieldReader, parseCall } from './parse-stat.js'

export interface ListedEntry {
  /** Below the directory, without `./`. */
  readonly name: Uint8Array
  readonly stat: FileStat
}

export interface ListPage {
  readonly entries: readonly ListedEntry[]
  /** Directories below that may not be looked into. */
  readonly denied: readonly Uint8Array[]
}

/** Undefined: it does not add up, since entries came or went meanwhile. `mayDrop`: leave such an entry out, which needs chunks of one. */
export function parseList(body: Uint8Array, mayDrop: boolean): ListPage | undefined {
  const fields = new FieldReader(body)
  const entries: ListedEntry[] = []
  const denied: Uint8Array[] = []
  while (!fields.isAtEnd) {
    const names: Uint8Array[] = []
    for (let name = fields.take(); name !== undefined && name.length > 0; name = fields.take()) names.push(name)
    if (names.length === 0) {
      const directory = fields.take()
      if (directory === undefined) return undefined
      denied.push(bare(directory))
      continue
    }
    const answers = parseCall(fields, names.length, { hash: undefined, full: false })
    if (answers === undefined && !mayDrop) return undefined
    for (const [index, name] of names.entries()) {
      const stat = answers?.[index]?.itself
      if (stat !== undefined) entries.push({ name: bare(name), stat })
    }
  }
  return { entries, denied }
}

/** Without the `./` in front and the slash at the end. */
function bare(name: Uint8Array): Uint8Array {
  return name.subarray(2, name.at(-1) === 0x2f ? -1 : undefined)
}
