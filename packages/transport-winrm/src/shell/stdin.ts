// stdin by Send: what comes while a Send is under way goes together with the next one, up to the size of a message.
import { faultCode, WsmanFault } from '../wsman/fault.js'

/** Sends one piece; `end` closes stdin. */
export type SendPiece = (data: Uint8Array, end: boolean) => Promise<void>

/** Bytes of input that fit a message: base64 takes a third more, the envelope's own text is well below 4 KiB. */
export function maxPiece(maxEnvelopeSize: number): number {
  return Math.floor((maxEnvelopeSize - 4096) / 4) * 3
}

/** Sends all of `data`, in pieces, and the end if asked. */
export async function sendAll(data: Uint8Array, send: SendPiece, size: number, end: boolean): Promise<void> {
  let at = 0
  do {
    const piece = data.subarray(at, at + size)
    at += piece.length
    await send(piece, end && at >= data.length)
  } while (at < data.length)
}

export interface Pump {
  stop(): void
}

/** `failed`: a piece was lost, so that the input is not what it should be. */
export function pumpStdin(source: AsyncIterable<Uint8Array>, send: SendPiece, size: number, failed: (error: unknown) => void): Pump {
  const iterator = source[Symbol.asyncIterator]()
  let stopped = false
  let waiting: Uint8Array[] = []
  let ended = false
  let closed = false
  let sending = Promise.resolve()

  /** One piece after the other, as long as there are any. */
  async function flush(): Promise<void> {
    while (!stopped && !closed && (waiting.length > 0 || ended)) {
      const data = Buffer.concat(waiting)
      waiting = []
      closed = ended
      await sendAll(data, send, size, closed)
    }
  }
  async function run(): Promise<void> {
    while (!ended) {
      const next = await iterator.next()
      if (stopped) return
      if (next.done === true) ended = true
      else if (next.value.length > 0) waiting.push(next.value)
      sending = sending.then(flush)
      sending.catch(fail)
      // More than a message waits already: no further pull until it is on its way.
      if (ended || waiting.reduce((sum, piece) => sum + piece.length, 0) >= size) await sending
    }
  }
  function stop(): void {
    stopped = true
    void iterator.return?.().catch(() => undefined)
  }
  function fail(error: unknown): void {
    if (stopped) return
    stop()
    // A program that reads no more input is no error: the service says so by a fault.
    if (!(error instanceof WsmanFault)) failed(error)
  }
  run().catch(fail)
  return { stop }
}

/** Faults of Send after which the data usually was taken: sending it again would repeat it. */
export function wasTaken(error: unknown): boolean {
  const codes: readonly (number | undefined)[] = [faultCode.operationTimeout, faultCode.timedOut]
  return error instanceof WsmanFault && codes.includes(error.faultNumber)
}
