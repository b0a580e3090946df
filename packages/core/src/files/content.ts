// What a caller may give as content, as one shape.
import { TransportError } from '../errors.js'
import { untilAborted } from './aborted.js'

export type Content = string | Uint8Array | AsyncIterable<Uint8Array>

/** Content that is small enough to be sent, hashed and committed at once, or that is not. */
export type Gathered = { readonly bytes: Uint8Array } | { readonly stream: AsyncIterable<Uint8Array> }

/** Reads ahead up to `most` bytes. */
export async function gather(content: Content, most: number, signal: AbortSignal | undefined, operation: string): Promise<Gathered> {
  if (typeof content === 'string') return { bytes: Buffer.from(content, 'utf8') }
  if (content instanceof Uint8Array) return { bytes: content }
  if (!isAsyncIterable(content)) throw new TypeError('Content is a string, bytes or an async iterable of bytes')
  const source = untilAborted(content, signal, operation)
  const parts: Uint8Array[] = []
  for (let size = 0; size <= most; ) {
    const next = await source.next()
    if (next.done === true) return { bytes: Buffer.concat(parts) }
    const chunk = checkChunk(next.value)
    parts.push(chunk)
    size += chunk.length
  }
  return { stream: resume(parts, source) }
}

export interface Piece {
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** Pieces of exactly `size` bytes; the last one is shorter, or the only one and empty. `size` is asked for each piece. */
export async function* pieces(source: AsyncIterable<Uint8Array>, size: () => number): AsyncGenerator<Piece, void> {
  let held: Uint8Array = new Uint8Array(0)
  for await (const chunk of source) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    // One byte more than a piece has to be there to know that the piece is not the last.
    for (let length = size(); held.length > length; length = size()) {
      yield { bytes: held.subarray(0, length), last: false }
      held = held.subarray(length)
    }
  }
  for (let length = size(); held.length > length; length = size()) {
    yield { bytes: held.subarray(0, length), last: false }
    held = held.subarray(length)
  }
  yield { bytes: held, last: true }
}

/** Bytes as a source that may be iterated again. */
export function once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      if (bytes.length > 0) yield bytes
    },
  }
}

function resume(parts: readonly Uint8Array[], source: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      let ended = false
      try {
        yield* parts
        for (;;) {
          const next = await source.next()
          ended = next.done === true
          if (next.done === true) return
          yield checkChunk(next.value)
        }
      } catch (error) {
        ended = true
        throw error
      } finally {
        if (!ended) await source.return?.()
      }
    },
  }
}

function checkChunk(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value, 'utf8')
  throw new TransportError('INVALID_OPTIONS', `A source of content gave ${value === null ? 'null' : typeof value}, not bytes`)
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
