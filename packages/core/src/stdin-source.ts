import { raceAbort, reasonOf } from './abort.js'
import type { CallScope } from './call-scope.js'
import { TransportError } from './errors.js'

/** What users may give as stdin. */
export type StdinSource = string | Uint8Array | AsyncIterable<Uint8Array>

/**
 * The user's source as drivers are promised it: pulled only when the driver pulls, never rejecting, ended by the call's signal. An error of
 * the source stops the call instead, and is its cause.
 */
export function liveStdin(source: StdinSource, scope: CallScope): AsyncIterable<Uint8Array> {
  if (typeof source === 'string' || source instanceof Uint8Array) return once(bytesOf(source))
  return pull(source, scope)
}

/** All of a source, for drivers that send it whole; may be iterated again. Rejects with INVALID_OPTIONS beyond `limit` bytes. */
export async function wholeStdin(source: StdinSource, limit: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (typeof source === 'string' || source instanceof Uint8Array) {
    const bytes = bytesOf(source)
    if (bytes.byteLength > limit) throw tooLarge(limit)
    return once(bytes)
  }
  const chunks: Uint8Array[] = []
  let size = 0
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await raceAbort(iterator.next(), signal)
      if (step.done === true) break
      size += step.value.byteLength
      if (size > limit) throw tooLarge(limit)
      chunks.push(step.value)
    }
  } finally {
    leave(iterator)
  }
  return once(Buffer.concat(chunks))
}

function bytesOf(source: string | Uint8Array): Uint8Array {
  return typeof source === 'string' ? Buffer.from(source, 'utf8') : source
}

function tooLarge(limit: number): TransportError {
  return new TransportError('UNSUPPORTED', `This transport carries at most ${String(limit)} bytes of stdin.`, { hint: 'Upload the input as a file, and redirect it: command < file.', details: { reason: 'stdin-limit' } })
}

function once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      await Promise.resolve()
      if (bytes.byteLength > 0) yield bytes
    },
  }
}

async function* pull(source: AsyncIterable<Uint8Array>, scope: CallScope): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await raceAbort(iterator.next(), scope.signal)
      if (step.done === true) return
      yield step.value
    }
  } catch (error) {
    if (scope.signal.aborted && reasonOf(scope.signal) === error) return
    scope.stop(new TransportError('ABORTED', 'The source of stdin failed, so the command was stopped.', { cause: error, details: { reason: 'stdin' } }))
  } finally {
    leave(iterator)
  }
}

/** Tells a source that nobody reads on. Not awaited: a generator that waits cannot be interrupted. */
function leave(iterator: AsyncIterator<Uint8Array>): void {
  void Promise.resolve(iterator.return?.()).catch(() => undefined)
}
