// Reading and writing with many requests under way: one at a time costs a round trip for each 255 KiB.
import { uint32, wireString } from '../wire.js'
import { SftpStatus } from './client.js'
import type { SftpClient } from './client.js'
import { reply, request, status, uint64 } from './packet.js'

/** Bytes under way at most: enough for 1 Gbit/s at 60 ms. */
const bytesUnderWay = 8 * 1024 * 1024

/** Bytes from `start` to `end` (exclusive) or the file's end, in order. Begins with few requests, for a small file needs no more. */
export async function* readHandle(
  client: SftpClient,
  handle: Buffer,
  start: number,
  end: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const length = client.readLength
  const most = Math.max(1, Math.floor(bytesUnderWay / length))
  const underWay: { offset: number; length: number; data: Promise<Buffer | undefined> }[] = []
  let next = start
  let limit = 2
  let over = false
  const askFor = (offset: number, wanted: number): void => {
    const data = client.ask(request.read, [wireString(handle), uint64(offset), uint32(wanted)], reply.data).then(({ reader }) => reader.string(), endOfFile)
    data.catch(() => undefined) // it is awaited in its turn, or never, when an earlier one fails
    underWay.push({ offset, length: wanted, data })
  }
  for (;;) {
    while (!over && underWay.length < limit && (end === undefined || next < end)) {
      const wanted = end === undefined ? length : Math.min(length, end - next)
      askFor(next, wanted)
      next += wanted
    }
    const first = underWay.shift()
    if (first === undefined) return
    const data = await first.data
    signal.throwIfAborted()
    if (data === undefined) {
      over = true // those behind it say the same
      continue
    }
    if (data.length > first.length) throw new RangeError('the SFTP server sent more than was asked for')
    if (data.length < first.length && !over) {
      // A short answer before the end: what is missing comes first, and what lies behind is asked for again.
      underWay.length = 0
      next = first.offset + data.length
      limit = 2
    } else {
      limit = Math.min(limit * 2, most)
    }
    if (data.length > 0) yield data
  }
}

function endOfFile(cause: unknown): undefined {
  if (cause instanceof SftpStatus && cause.status === status.endOfFile) return undefined
  throw cause
}

/** Writes all of `data` from `offset` on; resolves when the server has confirmed each part. */
export async function writeHandle(client: SftpClient, handle: Buffer, data: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const length = client.writeLength
  const most = Math.max(1, Math.floor(bytesUnderWay / length))
  const underWay = new Set<Promise<unknown>>()
  let failure: { readonly cause: unknown } | undefined
  let offset = 0
  const send = async (part: Uint8Array): Promise<void> => {
    while (underWay.size >= most && failure === undefined) await Promise.race(underWay)
    await client.writable()
    if (failure !== undefined) throw failure.cause
    signal.throwIfAborted()
    const parts = [wireString(handle), uint64(offset), uint32(part.length), part]
    const written: Promise<unknown> = client.ask(request.write, parts, reply.status).catch((cause: unknown) => {
      failure ??= { cause }
    })
    underWay.add(written)
    void written.then(() => underWay.delete(written))
    offset += part.length
  }
  try {
    for await (const part of gathered(data, length)) await send(part)
  } finally {
    await Promise.all(underWay)
  }
  if (failure !== undefined) throw failure.cause
}

/** The same bytes in parts of `length`; only the last may be shorter. */
async function* gathered(data: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = []
  let held = 0
  for await (const chunk of data) {
    let rest = chunk
    while (held + rest.length >= length) {
      const taken = length - held
      yield held === 0 ? rest.subarray(0, taken) : Buffer.concat([...parts, rest.subarray(0, taken)])
      rest = rest.subarray(taken)
      parts = []
      held = 0
    }
    if (rest.length > 0) {
      // Kept beyond its turn, so a copy: the source may use its buffer again.
      parts.push(Uint8Array.prototype.slice.call(rest))
      held += rest.length
    }
  }
  if (held > 0) yield Buffer.concat(parts)
}
