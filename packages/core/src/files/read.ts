// Content of a remote file over exec, whole or in part, verified where it was asked for.
import { createHash } from 'node:crypto'
import type { RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { ask, askStream } from './ask.js'
import { answerRoom } from './budget.js'
import { fileError } from './failure.js'
import { readBody } from './read-script.js'
import { pathBytes, showPath } from './script.js'

export interface ReadOptions {
  readonly start: number
  /** Exclusive; undefined: to the end. */
  readonly end: number | undefined
  /** Compare with the far side's own hash; only for a whole file. */
  readonly verify: boolean
  readonly operation: string
  readonly signal: AbortSignal | undefined
}

/** What is known of a file before its first byte. `size` is 0 for files that the kernel makes up (/proc). */
export interface ReadHead {
  readonly size: number
  readonly mode: number | undefined
  /** Names the file itself, so that another one in its place is noticed. */
  readonly identity: string
}

export interface ReadHooks {
  readonly head?: (head: ReadHead) => void | Promise<void>
  /** The far side's hash, when all has been compared; undefined where it has no program for it. */
  readonly verified?: (sha256: string | undefined) => void
}

/** The bytes as they arrive. Throws when they are not all there, or not those of one file. */
export function readFile(runner: ScriptRunner, path: RemotePath, options: ReadOptions, hooks: ReadHooks = {}): AsyncGenerator<Uint8Array, void> {
  return answerRoom(runner.capabilities, true) === Infinity ? readInOne(runner, path, options, hooks) : readByRanges(runner, path, options, hooks)
}

async function* readInOne(runner: ScriptRunner, path: RemotePath, options: ReadOptions, hooks: ReadHooks): AsyncGenerator<Uint8Array, void> {
  const { start, end, verify, operation, signal } = options
  const body = readBody({ path: pathBytes(path), start, length: end === undefined ? undefined : Math.max(0, end - start), hash: verify ? 'size' : undefined })
  const hash = verify ? createHash('sha256') : undefined
  const answer = askStream(runner, { body, operation, signal })
  let line: Buffer | undefined = Buffer.alloc(0)
  let head: ReadHead | undefined
  let bytes = 0
  let finished = false
  try {
    for (;;) {
      const { value, done } = await answer.next()
      if (done === true) {
        finished = true
        const word = value ?? 'short'
        if (!word.startsWith('ok')) throw fileError(word, operation, showPath(path))
        if (verify && head !== undefined) checkWhole(head, bytes, hash?.digest('hex'), word.slice(3), operation, path, hooks)
        return
      }
      let part: Uint8Array = value
      if (line !== undefined) {
        line = Buffer.concat([line, part])
        const end = line.indexOf(0x0a)
        if (end < 0) continue
        head = parseHead(line.subarray(0, end).toString('latin1'))
        await hooks.head?.(head)
        part = line.subarray(end + 1)
        line = undefined
      }
      if (part.length === 0) continue
      bytes += part.length
      hash?.update(part)
      yield part
    }
  } finally {
    if (!finished) await answer.return(undefined)
  }
}

async function* readByRanges(runner: ScriptRunner, path: RemotePath, options: ReadOptions, hooks: ReadHooks): AsyncGenerator<Uint8Array, void> {
  const { start, end, operation, signal } = options
  const whole = start === 0 && end === undefined
  const hash = whole ? createHash('sha256') : undefined
  let hexadecimal = false
  let first: ReadHead | undefined
  let at = start
  for (;;) {
    const room = answerRoom(runner.capabilities, hexadecimal)
    if (room < 1) throw new TransportError('UNSUPPORTED', 'This transport carries too little output to read a file', { operation })
    const stop = end ?? (first === undefined || first.size === 0 ? Infinity : first.size)
    const length = Math.max(0, Math.min(room, stop - at))
    const last = first !== undefined && first.size > 0 && at + length >= first.size
    const check = whole && (options.verify || at > 0) ? (last ? first?.size : first === undefined ? 'size' : undefined) : undefined
    const answer = await ask(runner, { body: readBody({ path: pathBytes(path), start: at, length, hash: check }), operation, signal })
    if (answer.status === undefined) {
      if (hexadecimal) throw fileError('short', operation, showPath(path))
      hexadecimal = true
      continue
    }
    hexadecimal ||= answer.hexadecimal && !runner.capabilities.binary
    if (!answer.status.startsWith('ok')) throw fileError(answer.status, operation, showPath(path))
    const body = Buffer.from(answer.body)
    const lineEnd = body.indexOf(0x0a)
    const head = parseHead(body.subarray(0, lineEnd).toString('latin1'))
    if (first === undefined) await hooks.head?.(head)
    else if (head.identity !== first.identity || head.size < first.size) throw fileError('changed', operation, showPath(path))
    first ??= head
    // The first answer may hold bytes that came after its size was taken.
    const part = body.subarray(lineEnd + 1, whole && first.size > 0 ? lineEnd + 1 + first.size - at : undefined)
    hash?.update(part)
    at += part.length
    if (part.length > 0) yield part
    const complete = at >= (end ?? Infinity) || part.length < length || (first.size > 0 && end === undefined && at >= first.size)
    if (!complete) continue
    if (whole && check !== undefined) checkWhole(first, at, hash?.digest('hex'), answer.status.slice(3), operation, path, hooks)
    else if (whole && first.size > 0 && at < first.size) throw fileError('changed', operation, showPath(path))
    return
  }
}

/** The size and, where the far side can compute one, the hash of what it has. */
function checkWhole(head: ReadHead, bytes: number, ours: string | undefined, words: string, operation: string, path: RemotePath, hooks: ReadHooks): void {
  const theirs = /^[0-9a-f]{64}/.exec(words)?.[0]
  if (head.size > 0 && bytes !== head.size) throw fileError('changed', operation, showPath(path))
  // A file of the kernel's own has no size, and may be different each time that it is read.
  if (head.size === 0 && bytes > 0) return hooks.verified?.(undefined)
  if (theirs !== undefined && theirs !== ours) throw fileError('changed', operation, showPath(path))
  hooks.verified?.(theirs)
}

/** `SIZE MODE INODE DEVICE`. */
export function parseHead(line: string): ReadHead {
  const [size = '', mode = '', ...identity] = line.trim().split(' ')
  return { size: /^\d+$/.test(size) ? Number(size) : 0, mode: /^[0-7]+$/.test(mode) ? Number.parseInt(mode, 8) & 0o7777 : undefined, identity: identity.join(' ') }
}
