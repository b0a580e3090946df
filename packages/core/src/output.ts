import type { ExecEvent } from './driver.js'

/** Gathers chunks without copying until the end. */
export class ByteCollector {
  readonly #chunks: Uint8Array[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#size += chunk.byteLength
  }

  bytes(): Uint8Array {
    if (this.#chunks.length === 1 && this.#chunks[0] !== undefined) return this.#chunks[0]
    const all = new Uint8Array(this.#size)
    let offset = 0
    for (const chunk of this.#chunks) {
      all.set(chunk, offset)
      offset += chunk.byteLength
    }
    return all
  }

  /** As UTF-8; what is not UTF-8 becomes U+FFFD (ask for `encoding: 'bytes'` to keep it). A byte order mark stays. */
  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes())
  }
}

/** A line of output. `text` is without its line ending; the last one may have had none. */
export interface OutputLine {
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export interface LinesOptions {
  /** Characters after which a line is given in pieces, so that a far side without newlines cannot fill the memory. Default 1 MiB. */
  readonly maxLength?: number
  /** Receives the exit, which comes after the last line. */
  readonly onExit?: (exit: Extract<ExecEvent, { readonly type: 'exit' }>) => void
}

/**
 * The lines of `host.stream(…)`, of both streams, as they complete. `break` stops the command. LF and CRLF end a line; a character that
 * is split over two chunks comes out whole.
 */
export async function* lines(stream: AsyncIterable<ExecEvent>, options: LinesOptions = {}): AsyncGenerator<OutputLine, void, undefined> {
  const maxLength = options.maxLength ?? 1_048_576
  const decoders = { stdout: new TextDecoder('utf-8', { ignoreBOM: true }), stderr: new TextDecoder('utf-8', { ignoreBOM: true }) }
  const rest = { stdout: '', stderr: '' }
  let exit: Extract<ExecEvent, { readonly type: 'exit' }> | undefined
  for await (const event of stream) {
    if (event.type === 'exit') exit = event
    if (event.type !== 'stdout' && event.type !== 'stderr') continue
    const parts = (rest[event.type] + decoders[event.type].decode(event.data, { stream: true })).split('\n')
    let tail = parts.pop() ?? ''
    for (const part of parts) yield { stream: event.type, text: part.endsWith('\r') ? part.slice(0, -1) : part }
    while (tail.length > maxLength) {
      yield { stream: event.type, text: tail.slice(0, maxLength) }
      tail = tail.slice(maxLength)
    }
    rest[event.type] = tail
  }
  for (const name of ['stdout', 'stderr'] as const) {
    const tail = rest[name] + decoders[name].decode()
    if (tail !== '') yield { stream: name, text: tail }
  }
  if (exit !== undefined) options.onExit?.(exit)
}
