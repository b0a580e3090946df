import type { RunOptions, RunResult } from './connection.js'
import type { CallEvents } from './commands.js'
import { wrapDriverError } from './driver-error.js'
import { TransportError, withAdditions } from './errors.js'
import { ByteCollector } from './output.js'

/** Default of `maxOutput`: bytes of both streams together. */
export const defaultMaxOutput = 100 * 1024 * 1024

type OutputRecord = RunResult['records'][number]

/** Gathers a command's events into its result. What arrived before a failure goes into the error's `result`. */
export async function collectRun(events: CallEvents, command: string, options: RunOptions): Promise<RunResult<string | Uint8Array>> {
  const maxOutput = options.maxOutput ?? defaultMaxOutput
  const started = performance.now()
  const stdout = new ByteCollector()
  const stderr = new ByteCollector()
  const records: OutputRecord[] = []
  let recordBytes = 0
  let exit: { readonly code: number | null; readonly signal: string | null; readonly truncated: boolean } = { code: null, signal: null, truncated: false }
  const result = (): RunResult<string | Uint8Array> => {
    const bytes = options.encoding === 'bytes'
    return Object.freeze({
      command, exitCode: exit.code, signal: exit.signal,
      stdout: bytes ? stdout.bytes() : stdout.text(), stderr: bytes ? stderr.bytes() : stderr.text(),
      records: Object.freeze(records.map((record) => Object.freeze(record))), durationMs: performance.now() - started, truncated: exit.truncated,
    })
  }
  try {
    for await (const event of events) {
      if (event.type === 'exit') exit = { code: event.code, signal: event.signal, truncated: (event.truncated?.length ?? 0) > 0 }
      else if (event.type === 'record') {
        recordBytes += Buffer.byteLength(event.text)
        records.push({ stream: event.stream, text: event.text })
      } else (event.type === 'stdout' ? stdout : stderr).push(event.data)
      if (stdout.size + stderr.size + recordBytes > maxOutput) {
        events.stop(new TransportError('OUTPUT_LIMIT', `The command put out more than ${String(maxOutput)} bytes, and was stopped.`, { hint: 'Raise maxOutput, or read the output as it comes with stream().', details: { maxOutput } }))
      }
    }
  } catch (error) {
    const failure = wrapDriverError(error)
    exit = { code: null, signal: null, truncated: false }
    throw withAdditions(failure, { result: result() })
  }
  return result()
}

/** Throws COMMAND_FAILED, with the result, unless the command ended with code 0. */
export function assertSuccess<Result extends RunResult<string | Uint8Array>>(result: Result): Result {
  if (result.exitCode === 0) return result
  const how = result.exitCode !== null ? `exit code ${String(result.exitCode)}` : result.signal !== null ? `signal ${result.signal}` : 'an unknown exit code'
  const stderr = typeof result.stderr === 'string' ? result.stderr : Buffer.from(result.stderr).toString('utf8')
  const tail = stderr.trimEnd().slice(-400)
  throw new TransportError('COMMAND_FAILED', `The command ended with ${how}: ${result.command}${tail === '' ? '' : `\n${tail}`}`, { operation: 'run', result })
}
