// Reads the answer of stat-script.ts. Pure.
import type { FileStat } from '../connection.js'
import { toFileStat } from './file-stat.js'
import type { StatData } from './file-stat.js'
import { pathFromBytes } from './script.js'
import type { StatAsk } from './stat-script.js'

/** What the script was asked for, beside records. */
export type Asked = StatAsk

/** What is known of one path. `itself` is there for whatever exists, also for a link that leads nowhere. */
export interface PathAnswer {
  /** Undefined: the path can be reached and followed to its end. Else why not, in the words of failure.ts. */
  readonly failure: string | undefined
  /** The entry itself (lstat). */
  readonly itself: FileStat | undefined
  /** What it leads to; the same object where it is no symbolic link. */
  readonly followed: FileStat | undefined
}

const lostLetters: Readonly<Record<string, string>> = { '0': 'missing', D: 'denied', N: 'notdir', L: 'loop', '?': 'unknown' }
const linkLetters: Readonly<Record<string, string>> = { m: 'missing', d: 'denied', n: 'notdir', o: 'loop', u: 'unknown' }

/** Fields that end with NUL, one after the other. */
export class FieldReader {
  #at = 0
  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.#at >= this.bytes.length
  }

  take(): Uint8Array | undefined {
    const end = this.bytes.indexOf(0, this.#at)
    if (end < 0) return undefined
    const field = this.bytes.subarray(this.#at, end)
    this.#at = end + 1
    return field
  }
}

/** The answers in the order of the calls. Undefined: it does not add up, since something came or went meanwhile; ask again. */
export function parseStat(body: Uint8Array, counts: readonly number[], asked: Asked): readonly PathAnswer[] | undefined {
  const fields = new FieldReader(body)
  const answers: PathAnswer[] = []
  for (const count of counts) {
    const some = parseCall(fields, count, asked)
    if (some === undefined) return undefined
    answers.push(...some)
  }
  return fields.isAtEnd ? answers : undefined
}

/** The answer of one call of `m`. */
export function parseCall(fields: FieldReader, count: number, { hash: hashed, full }: Asked): readonly PathAnswer[] | undefined {
  const [mark, flavour, letters] = [text(fields.take()), text(fields.take()), text(fields.take())]
  if (mark !== 'META1' || !/^[cfpl]$/.test(flavour) || letters.length !== count || !/^[+lmdnou0DNL?]*$/.test(letters)) return undefined
  const entries = records(text(fields.take()), flavour, letters.replace(/[0DNL?]/g, '').length)
  const behind = records(text(fields.take()), flavour, letters.replace(/[^l]/g, '').length)
  const answers: PathAnswer[] = []
  for (const letter of letters) {
    const lost = lostLetters[letter]
    if (lost !== undefined) {
      answers.push({ failure: lost, itself: undefined, followed: undefined })
      continue
    }
    const own = entries?.shift()
    const isLink = letter !== '+'
    const target = isLink ? fields.take() : undefined
    const isThere = letter === '+' || letter === 'l'
    const place = full && isThere ? readPlace(fields) : {}
    const sum = hashed !== undefined && isThere ? fields.take() : undefined
    if (own === undefined || behind === undefined || (isLink && target === undefined) || isLink !== (own.type === 'symlink')) return undefined
    const linkTarget = target === undefined ? undefined : pathFromBytes(target)
    const hash = hashed === undefined || sum === undefined ? {} : readHash(hashed, text(sum))
    const behindLink = letter === 'l' ? behind.shift() : undefined
    const itself = toFileStat(isLink ? { ...own, linkTarget } : { ...own, ...place, ...hash })
    const followed = letter === 'l' ? behindLink && toFileStat({ ...behindLink, linkTarget, ...place, ...hash }) : isLink ? undefined : itself
    answers.push({ failure: linkLetters[letter], itself, followed })
  }
  return answers
}

/** The resolved path, the label and the mount point, as `full` printed them. */
function readPlace(fields: FieldReader): Pick<FileStat, 'path' | 'selinuxLabel' | 'mounted'> {
  const [path, label, mounted] = [fields.take(), text(fields.take()).trim(), text(fields.take()).trim()]
  return {
    path: path === undefined || path.length === 0 ? undefined : pathFromBytes(path),
    selinuxLabel: label === '' || label === '?' || label === '(null)' || label === 'C' ? undefined : label,
    mounted: mounted === 'y' || mounted === 'n' ? mounted === 'y' : undefined,
  }
}

function text(field: Uint8Array | undefined): string {
  return field === undefined ? '' : Buffer.from(field.buffer, field.byteOffset, field.length).toString('utf8')
}

function readHash(kind: 'sha256' | 'md5', line: string): { readonly sha256?: string; readonly md5?: string } {
  const hex = new RegExp(`^[0-9a-f]{${kind === 'sha256' ? '64' : '32'}}`).exec(line)?.[0]
  return hex === undefined ? {} : { [kind]: hex }
}

function records(block: string, flavour: string, count: number): StatData[] | undefined {
  const lines = block.split('\n')
  if (lines.pop() !== '') return undefined
  const each = flavour === 'l' ? 2 : 6
  if (lines.length !== count * each) return undefined
  const found: StatData[] = []
  for (let index = 0; index < lines.length; index += each) {
    const record = lines.slice(index, index + each)
    const stat = flavour === 'l' ? readListing(record) : readRecord(record)
    if (stat === undefined) return undefined
    found.push(stat)
  }
  return found
}

const types: Readonly<Record<number, string>> = { 0x1: 'pipe', 0x2: 'character_device', 0x4: 'directory', 0x6: 'block_device', 0x8: 'file', 0xa: 'symlink', 0xc: 'socket' }

/** `hexmode size uid gid links inode device major minor`, atime, mtime, ctime, owner, group. */
function readRecord([numbers = '', accessed = '', modified = '', changed = '', owner = '', group = '']: readonly string[]): StatData | undefined {
  const match = /^([0-9a-f]+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(numbers)
  if (match === null) return undefined
  const mode = Number.parseInt(match[1] ?? '', 16)
  const mtimeMs = readTime(modified)
  if (Number.isNaN(mtimeMs)) return undefined
  const [size, uid, gid, links, inode] = [Number(match[2]), Number(match[3]), Number(match[4]), Number(match[5]), Number(match[6])]
  return {
    type: types[mode >> 12] ?? 'unknown',
    size,
    mode: mode & 0o7777,
    uid,
    gid,
    mtimeMs,
    owner: readName(owner, uid),
    group: readName(group, gid),
    linkTarget: undefined,
    atimeMs: readTime(accessed),
    ctimeMs: readTime(changed),
    links,
    inode,
  }
}

/** A name that the system does not know is printed as UNKNOWN, or as the number. */
function readName(name: string, id: number): string | undefined {
  return name === '' || name === 'UNKNOWN' || name === String(id) ? undefined : name
}

/** `2001-02-03 04:05:06.789012345 +0000` in UTC, or seconds with a fraction. Milliseconds. */
export function readTime(value: string): number {
  const date = /^(-?\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?: \+0000)?$/.exec(value)
  if (date === null) return /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Number.NaN
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = date.slice(1, 7).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second) + Number(`0.${date[7] ?? '0'}`) * 1000
}

const listedTypes: Readonly<Record<string, string>> = { '-': 'file', d: 'directory', l: 'symlink', s: 'socket', p: 'pipe', b: 'block_device', c: 'character_device' }

/** A line of `ls -dn` and the seconds of `date -r`, where there is neither stat nor perl: no names, perhaps no time. */
function readListing([line = '', seconds = '']: readonly string[]): StatData | undefined {
  const match = /^([-dlspbc])([-r][-w][-xsS][-r][-w][-xsS][-r][-w][-xtT])[.+@]? +(\d+) +(\d+) +(\d+) +(?:(\d+),? )?/.exec(line)
  if (match === null) return undefined
  return {
    type: listedTypes[match[1] ?? ''] ?? 'unknown',
    size: Number(/^[bc]/.test(line) ? 0 : (match[6] ?? 0)),
    mode: readModeText(match[2] ?? ''),
    uid: Number(match[4]),
    gid: Number(match[5]),
    mtimeMs: readTime(seconds),
    owner: undefined,
    group: undefined,
    linkTarget: undefined,
    links: Number(match[3]),
  }
}

/** `rwsr-x--t` as a number. */
export function readModeText(rights: string): number {
  let mode = 0
  for (const [index, letter] of Array.from(rights).entries()) {
    if (letter !== '-' && letter !== 'S' && letter !== 'T') mode |= 0o400 >> index
    if (/[sStT]/.test(letter)) mode |= [0o4000, 0o2000, 0o1000][Math.floor(index / 3)] ?? 0
  }
  return mode
}
