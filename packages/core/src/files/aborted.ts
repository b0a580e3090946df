// A caller's signal, where this folder itself waits for something.
import { raceAbort, reasonOf } from '../abort.js'
import { TransportError } from '../errors.js'

function aborted(signal: AbortSignal, operation: string): TransportError {
  return new TransportError('ABORTED', `The ${operation} was aborted by the caller.`, { cause: reasonOf(signal), operation })
}

/** Nothing is sent for a call that has been aborted already. */
export function checkAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted === true) throw aborted(signal, operation)
}

/** A source of the caller's, which may never answer: the signal ends waiting for it. */
export async function* untilAborted<Value>(source: AsyncIterable<Value>, signal: AbortSignal | undefined, operation: string): AsyncGenerator<Value, void> {
  const iterator = source[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      checkAborted(signal, operation)
      const next = iterator.next()
      const result = await (signal === undefined ? next : raceAbort(next, signal))
      if (result.done === true) {
        ended = true
        return
      }
      yield result.value
    }
  } catch (error) {
    if (signal?.aborted === true) throw aborted(signal, operation)
    ended = true
    throw error
  } finally {
    // Not waited for: a generator that is stuck in an await cannot be ended.
    if (!ended) void iterator.return?.()?.catch(() => undefined)
  }
}
