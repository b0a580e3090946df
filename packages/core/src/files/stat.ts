// Metadata of many paths in as few execs as the transport's limits allow.
import type { FileStat } from '../connection.js'
import type { FileFailure, RemotePath } from '../driver.js'
import { TransportError } from '../errors.js'
import type { ScriptRunner } from '../script-runner.js'
import { ask, wholeScript } from './ask.js'
import { answerRoom, commandSize, scriptRoom } from './budget.js'
import { fileError, fileFailure } from './failure.js'
import { parseStat } from './parse-stat.js'
import type { PathAnswer } from './parse-stat.js'
import { pathBytes, scriptWord, showPath } from './script.js'
import { chunkSize, statCalls, statHead, statLibrary } from './stat-script.js'

export interface StatOptions {
  readonly follow: boolean
  readonly hash: 'sha256' | 'md5' | undefined
  readonly full: boolean
  readonly operation: string
  readonly signal: AbortSignal | undefined
}

/** Bytes that one path's answer takes, roughly; where a guess was too low the batch is asked again in halves. */
const answerSize = 320
/** Paths of one exec where nothing else limits them: an answer should not be long in coming. */
const mostPaths = 2_000

/** In the order of `paths`. */
export async function statPaths(runner: ScriptRunner, paths: readonly RemotePath[], options: StatOptions): Promise<readonly (FileStat | FileFailure)[]> {
  const words = paths.map((path) => scriptWord(pathBytes(path)))
  const answers: PathAnswer[] = []
  const room = scriptRoom(runner.capabilities, wholeScript(runner, `${statLibrary}\n${statHead(options)}\nsay ok`))
  const most = Math.max(1, Math.min(mostPaths, Math.floor(answerRoom(runner.capabilities, false) / answerSize)))
  for (let start = 0; start < words.length; ) {
    let end = start
    for (let size = 0; end < words.length && end - start < most; end += 1) {
      size += commandSize(words[end] ?? '') + 1
      if (size > room && end > start) break
    }
    answers.push(...(await askBatch(runner, words.slice(start, end), options)))
    start = end
  }
  return answers.map((answer, index) => choose(answer, options, showPath(paths[index] ?? '')))
}

/** One path; throws instead of answering with a failure. */
export async function statPath(runner: ScriptRunner, path: RemotePath, options: StatOptions): Promise<FileStat> {
  const [answer] = await askBatch(runner, [scriptWord(pathBytes(path))], options)
  const chosen = answer === undefined ? undefined : pick(answer, options.follow)
  if (chosen === undefined || typeof chosen === 'string') throw fileError(chosen ?? 'unknown', options.operation, showPath(path))
  return chosen
}

async function askBatch(runner: ScriptRunner, words: readonly string[], options: StatOptions): Promise<readonly PathAnswer[]> {
  const counts: number[] = []
  for (let left = words.length; left > 0; left -= chunkSize) counts.push(Math.min(left, chunkSize))
  const body = `${statHead(options)}\n${statCalls(words)}\nsay ok`
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = await ask(runner, { body, library: statLibrary, isReadOnly: true, operation: options.operation, signal: options.signal })
    if (answer.status === undefined) return halves(runner, words, options)
    const parsed = parseStat(answer.body, counts, options)
    if (parsed !== undefined) return parsed
  }
  if (words.length > 1) return halves(runner, words, options)
  throw new TransportError('FILE_ERROR', 'The metadata of a file did not stay the same for long enough to be read', { details: { reason: 'changed' }, operation: options.operation })
}

/** The answer did not fit, or one of many paths keeps changing. */
async function halves(runner: ScriptRunner, words: readonly string[], options: StatOptions): Promise<readonly PathAnswer[]> {
  if (words.length < 2) {
    throw new TransportError('UNSUPPORTED', 'The metadata of one file is longer than the output that this transport carries', { operation: options.operation })
  }
  const middle = Math.ceil(words.length / 2)
  const first = await askBatch(runner, words.slice(0, middle), options)
  return [...first, ...(await askBatch(runner, words.slice(middle), options))]
}

function choose(answer: PathAnswer, options: StatOptions, path: string): FileStat | FileFailure {
  const chosen = pick(answer, options.follow)
  return typeof chosen === 'string' ? fileFailure(chosen, options.operation, path) : chosen
}

/** The stat that was asked for, or the word that says why there is none. */
function pick(answer: PathAnswer, follow: boolean): FileStat | string {
  if (!follow && answer.itself !== undefined) return answer.itself
  return answer.followed ?? answer.failure ?? 'unknown'
}
