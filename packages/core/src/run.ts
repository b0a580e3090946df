import type { RunOptions, RunResult } from './connection.js'
import type { CallEvents } from './call-events.js'
import type { ExecEvent } from './driver.js'
import { wrapDriverError } from './driver-error.js'
import { TransportError, withAdditions } from './errors.js'
import { ByteCollector } from './output.js'

/** Default of `maxOutput`: bytes of both streams together. */
export const defaultMaxOutput = 100 * 1024 * 1024

type OutputRecord = RunResult['records'][number]

/** Gathers a command's events into its result. */
export class RunCollector {
  readonly #command: string
  readonly #options: RunOptions
  readonly #started = performance.now()
  readonly #stdout = new ByteCollector()
  readonly #stderr = new ByteCollector()
  readonly #records: OutputRecord[] = []
  #recordBytes = 0
  #exit: { readonly code: number | null; readonly signal: string | null; readonly truncated: boolean } = { code: null, signal: null, truncated: false }

  constructor(command: string, options: RunOptions) {
    this.#command = command
    this.#options = options
  }

  /** The error that ends the command when this was too much. */
  add(event: ExecEvent): TransportError | undefined {
    if (event.type === 'exit') this.#exit = { code: event.code, signal: event.signal, truncated: (event.truncated?.length ?? 0) > 0 }
    else if (event.type === 'record') {
      this.#recordBytes += Buffer.byteLength(event.text)
      this.#records.push(Object.freeze({ stream: event.stream, text: event.text }))
    } else (event.type === 'stdout' ? this.#stdout : this.#stderr).push(event.data)
    const maxOutput = this.#options.maxOutput ?? defaultMaxOutput
    if (this.#stdout.size + this.#stderr.size + this.#recordBytes <= maxOutput) return undefined
    return new TransportError('OUTPUT_LIMIT', `The command put out more than ${String(maxOutput)} bytes, and was stopped.`, { hint: 'Raise maxOutput, or read the output as it comes with stream().', details: { maxOutput } })
  }

  result(): RunResult<string | Uint8Array> {
    const bytes = this.#options.encoding === 'bytes'
    return Object.freeze({
      command: this.#command, exitCode: this.#exit.code, signal: this.#exit.signal,
      stdout: bytes ? this.#stdout.bytes() : this.#stdout.text(), stderr: bytes ? this.#stderr.bytes() : this.#stderr.text(),
      records: Object.freeze(this.#records), durationMs: performance.now() - this.#started, truncated: this.#exit.truncated,
    })
  }

  /** The error with what had arrived. Its outcome is unknown, whatever the last event said. */
  failed(error: unknown): TransportError {
    this.#exit = { code: null, signal: null, truncated: false }
    return withAdditions(wrapDriverError(error), { result: this.result() })
  }
}

/** One command to its end. What arrived before a failure goes into the error's `result`. */
export async function collectRun(events: CallEvents, command: string, options: RunOptions): Promise<RunResult<string | Uint8Array>> {
  const collector = new RunCollector(command, options)
  try {
    for await (const event of events) {
      const excess = collector.add(event)
      if (excess !== undefined) events.stop(excess)
    }
  } catch (error) {
    throw collector.failed(error)
  }
  return collector.result()
}

/** Throws COMMAND_FAILED, with the result, unless the command ended with code 0. */
export function assertSuccess<Result extends RunResult<string | Uint8Array>>(result: Result): Result {
  if (result.exitCode === 0) return result
  const how = result.exitCode !== null ? `exit code ${String(result.exitCode)}` : result.signal !== null ? `signal ${result.signal}` : 'an unknown exit code'
  const stderr = typeof result.stderr === 'string' ? result.stderr : Buffer.from(result.stderr).toString('utf8')
  const tail = stderr.trimEnd().slice(-400)
  throw new TransportError('COMMAND_FAILED', `The command ended with ${how}: ${result.command}${tail === '' ? '' : `\n${tail}`}`, { operation: 'run', result })
}
