// Brings an agent's program through the loader, whatever the line damages, and waits for its answer.
import { TransportError } from '../errors.js'
import { liteAgent, liteReady } from './agent-lite.js'
import { pushAgent, pushMissing, pushReady } from './agent-push.js'
import type { Sum } from './cksum.js'
import type { Line } from './line.js'
import { evalLine, firstPiece, loaded, pieceLine, runLine } from './loader.js'
import { order } from './order.js'
import { longestBurst } from './pacing.js'

export interface LoadedAgent {
  readonly agent: 'push' | 'lite'
  /** The longest piece that passed the line. */
  readonly pieceSize: number
}

const longestPiece = 900
const shortestPiece = 24
const patience = 1500
/** Bytes a second that the shell's own encoder keeps up with: below it the longer program is not worth its load. */
const slowLine = 30_000

export interface LoadOptions {
  readonly agent: 'auto' | 'push' | 'lite'
  readonly nonce: string
  readonly rate: number | undefined
  readonly signal: AbortSignal
  readonly sum: Sum
}

export async function loadAgent(line: Line, options: LoadOptions): Promise<LoadedAgent> {
  if (options.agent !== 'lite') {
    const program = pushAgent(options.nonce, options.rate === undefined || options.rate > slowLine, options.sum)
    const size = await loadPieces(line, program, options)
    const missing = size === undefined ? 'cksum' : await startPush(line, program.length, options)
    if (size !== undefined && missing === undefined) return { agent: 'push', pieceSize: size }
    if (options.agent === 'push') {
      throw new TransportError('UNSUPPORTED', `The far side has no ${missing ?? 'cksum'}, which the full agent needs.`, { hint: 'Leave agent on auto: a smaller one then does what it can.' })
    }
  }
  line.clear()
  for (let attempt = 0; attempt < 3; attempt++) {
    await line.write(`${evalLine(liteAgent)}\n`)
    if (await line.wait({ until: (text) => text.includes(liteReady), limit: patience + forBytes(liteAgent.length, options.rate), signal: options.signal }) === 'match') {
      return { agent: 'lite', pieceSize: longestPiece }
    }
  }
  throw new TransportError('CONNECT_FAILED', 'The shell at the console does not run the agent.', { hint: 'It needs sh, stty and printf.' })
}

/** Sends all pieces and answers the size that passed; undefined where not one is ever confirmed: there is neither `cksum` nor `md5sum`. */
async function loadPieces(line: Line, program: string, { rate, signal, sum }: LoadOptions): Promise<number | undefined> {
  let size = longestPiece
  let offset = 0
  for (let failures = 0; offset < program.length;) {
    const { text, end } = burstOf(program, offset, size, sum)
    line.clear()
    await line.write(text)
    await line.wait({ until: (screen) => loaded(screen) === end, limit: patience + forBytes(text.length, rate), signal })
    const there = loaded(line.screen) ?? offset
    if (there < end) {
      if (there <= offset) failures++
      // Where nothing was ever confirmed: the shell says so itself, or the line is beyond help.
      if (there === 0 && (failures > 12 || (failures > 1 && /not found/.test(line.screen)))) return undefined
      if (failures > 60) throw new TransportError('CONNECT_FAILED', 'The line damages too much to be used.', { hint: 'Try a lower baud rate, a shorter cable, or hardware flow control.' })
      size = Math.max(shortestPiece, Math.floor(size / 2))
      await line.write('\n')
    }
    if (there > offset) failures = 0
    offset = Math.max(offset, there)
  }
  return size
}

/** As many pieces as a terminal holds without a reader, and where they end. */
function burstOf(program: string, offset: number, size: number, sum: Sum): { readonly text: string; readonly end: number } {
  let text = ''
  let end = offset
  while (end < program.length) {
    const piece = firstPiece(program.slice(end), size)
    const line = `${pieceLine(end, piece, sum)}\n`
    if (text !== '' && text.length + line.length > longestBurst) break
    text += line
    end += piece.length
  }
  return { text, end }
}

/** Runs what was loaded. Undefined: the agent is up; else what the far side misses. */
async function startPush(line: Line, length: number, { signal }: LoadOptions): Promise<string | undefined> {
  line.clear()
  for (let attempt = 0; attempt < 12; attempt++) {
    await line.write(`\n${runLine(length)}\n`)
    await line.wait({ until: (text) => text.includes(pushReady) || pushMissing.test(text), limit: patience, signal })
    const missing = pushMissing.exec(line.screen)?.[1]
    if (missing !== undefined) return missing
    if (line.screen.includes(pushReady)) return undefined
    // It may be up and its answer lost.
    await line.write(`\n${order.poll(0, 0, 0, longestPiece)}\n`)
    if (await line.wait({ until: (text) => /\nv 0\.0 0\.0\n/.test(text), limit: 500, signal }) === 'match') return undefined
  }
  throw new TransportError('CONNECT_FAILED', 'The agent at the console does not start.', { hint: 'The line may lose too much; try a lower baud rate.' })
}

function forBytes(bytes: number, rate: number | undefined): number {
  return rate === undefined ? 0 : (bytes / rate) * 2000
}
