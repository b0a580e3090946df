// Feeds a command's stdin: one chunk at a time, each told by the far side to be written before the next one goes.
import type { Link } from './link.js'
import { numberedOrder, stdinChunk, stdinEnd } from './order.js'
import type { NumberedOrder } from './order.js'

export interface StdinTaker {
  /** Whether the command has ended. */
  done(): boolean
  /** Whether chunk `number` was taken; undefined after `limit` ms, or when the command has ended. */
  written(number: number, limit: number): Promise<boolean | undefined>
}

/** The chunk that is on its way. */
interface Sent {
  readonly order: NumberedOrder
  readonly number: Promise<number>
}

/** The last chunk and the end travel together: a short stdin costs no round trip of its own. */
export async function sendStdin(source: AsyncIterable<Uint8Array>, link: Link, taker: StdinTaker): Promise<void> {
  let last: Sent | undefined
  for await (const data of source) {
    for (let start = 0; start < data.length;) {
      if (taker.done() || (last !== undefined && !await wasTaken(last, link, taker))) return
      const chunk = data.subarray(start, start + link.up.size)
      const order = stdinChunk(chunk)
      start += chunk.length
      last = { order, number: link.send(order) }
      last.number.catch(() => undefined) // the loss is told by `lost`
    }
    if (taker.done()) return
  }
  if (!taker.done()) await link.send(stdinEnd)
}

/** Asks again as long as the far side has neither written the chunk nor ended; false: stop feeding. */
async function wasTaken({ order, number }: Sent, link: Link, taker: StdinTaker): Promise<boolean> {
  const given = await number
  for (;;) {
    const answer = await taker.written(given, link.down.noisy ? 500 : 3000)
    if (answer !== undefined) return answer
    if (taker.done()) return false
    link.say(numberedOrder(given, { ...order, text: '-' }, link.sum)) // its number was done: no text is needed for the answer to come again
  }
}
