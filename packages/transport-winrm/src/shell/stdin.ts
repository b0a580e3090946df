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
  /** Settles when everything is sent, or when there is nobody left to send to; never rejects. */
  readonly done: Promise<void>
  stop(): void
}

export function pumpStdin(source: AsyncIterable<Uint8Array>, send: SendPiece, size: number): Pump {
  const iterator = source[Symbol.asyncIterator]()
  let stopped = false
  let waiting: Uint8Array[] = []
  let ended = false
  let sending: Promise<void> | undefined

  async function flush(): Promise<void> {
    while (!stopped && (waiting.length > 0 || ended)) {
      const data = Buffer.concat(waiting)
      waiting = []
      const last = ended
      await sendAll(data, send, size, last)
      if (last) return
    }
    sending = undefined
  }
  async function run(): Promise<void> {
    for (;;) {
      const next = await iterator.next()
      if (stopped) return
      if (next.done === true) ended = true
      else if (next.value.length > 0) waiting.push(next.value)
      sending ??= flush()
      // More than a message waits already: no further pull until it is on its way.
      if (ended || waiting.reduce((sum, piece) => sum + piece.length, 0) >= size) await sending
      if (ended) return
    }
  }
  return {
    // A program that reads no more input is no error, and a broken connection shows at Receive.
    done: run().catch(() => undefined),
    stop() {
      stopped = true
      void iterator.return?.().catch(() => undefined)
    },
  }
}

/** Faults of Send after which the data usually was taken: sending it again would repeat it. */
export function wasTaken(error: unknown): boolean {
  const codes: readonly (number | undefined)[] = [faultCode.operationTimeout, faultCode.timedOut]
  return error instanceof WsmanFault && codes.includes(error.faultNumber)
}
