// Runs one script of this folder on the far side and picks its answer out of the output.
import { randomBytes } from 'node:crypto'
import { TransportError } from '../errors.js'
import type { ScriptRequest, ScriptRunner } from '../script-runner.js'
import { createFrameReader } from './frame.js'
import type { FrameReader } from './frame.js'
import { frameLibrary, frameScript } from './script.js'

export interface Question {
  /** Shell text that prints its answer and calls `say WORD…` once, at its end; see script.ts. */
  readonly body: string
  /** Functions that `body` uses, the same text each time: a resident shell is told them once. */
  readonly library?: string
  /** It changes nothing on the far side. */
  readonly isReadOnly?: boolean
  /** What the user asked for, for errors. */
  readonly operation: string
  readonly input?: AsyncIterable<Uint8Array> | Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly body: Uint8Array
  /** The script's last words. Undefined: the transport cut the output before its end. */
  readonly status: string | undefined
  readonly hexadecimal: boolean
}

/** A marker for one answer, or a part of a temporary name. */
export function newToken(bytes = 16): string {
  return randomBytes(bytes).toString('hex')
}

/** One exec, collected. Rejects where the far side did not answer as a shell that speaks POSIX does. */
export async function ask(runner: ScriptRunner, question: Question): Promise<Answer> {
  const { request, reader } = begin(runner, question)
  const result = await runner.run(request)
  const body = reader.push(result.stdout)
  if (reader.status === undefined && !result.truncated && !isCut(runner, result.stdout)) throw noAnswer(reader, question.operation, result.stderr)
  return { body, status: reader.status, hexadecimal: reader.hexadecimal }
}

/** One exec whose body is passed on as it arrives. Returns the last words; undefined where the output was cut. */
export async function* askStream(runner: ScriptRunner, question: Question): AsyncGenerator<Uint8Array, string | undefined> {
  const { request, reader } = begin(runner, question)
  let cut = false
  let noise: Uint8Array = new Uint8Array(0)
  for await (const event of runner.stream(request)) {
    if (event.type === 'stdout') {
      const part = reader.push(event.data)
      if (part.length > 0) yield part
    } else if (event.type === 'stderr') {
      if (noise.length < 400) noise = Buffer.concat([noise, event.data])
    } else if (event.type === 'exit') {
      cut = event.truncated?.includes('stdout') ?? false
    }
  }
  if (reader.status === undefined && !cut) throw noAnswer(reader, question.operation, noise)
  return reader.status
}

/** The whole script for a body: what travels, so that limits can be computed from it. */
export function wholeScript(runner: ScriptRunner, body: string): string {
  return `${frameLibrary('')}\n${frameScript('0'.repeat(32), body, runner.capabilities.binary)}`
}

interface Begun {
  readonly request: ScriptRequest
  readonly reader: FrameReader
}

function begin(runner: ScriptRunner, { body, library = '', isReadOnly, operation, input, signal }: Question): Begun {
  const token = newToken()
  const script = frameScript(token, body, runner.capabilities.binary)
  return { request: { library: frameLibrary(library), script, isReadOnly, operation, input, signal }, reader: createFrameReader(token) }
}

/** An output that is as long as the transport lets through has lost its end, said or not. */
function isCut(runner: ScriptRunner, stdout: Uint8Array): boolean {
  return stdout.length >= runner.capabilities.limits.stdout
}

function noAnswer(reader: FrameReader, operation: string, stderr: Uint8Array): TransportError {
  const said = (Buffer.from(stderr).toString('utf8').trim() || reader.noise.trim()).slice(0, 400)
  const what = reader.started ? 'stopped answering in the middle of a script' : 'did not run a script of core'
  const summary = `The far side ${what} (${operation})${said === '' ? '' : `: ${said}`}`
  return new TransportError('PROTOCOL_ERROR', summary, {
    hint: 'File operations need a POSIX sh on the far side that is not replaced by something else in the login profile.',
    operation,
  })
}
