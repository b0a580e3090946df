// A line carries so many bytes a second, each way, and damages some of them.
import { Transform } from 'node:stream'
import type { EmulatorKnobs } from './knobs.js'
import { damage } from './noise.js'

/** One direction of the line. `knobs` is asked for each chunk. */
export function lineDirection(knobs: () => EmulatorKnobs, random: () => number): Transform {
  let free = performance.now()
  const timers = new Set<NodeJS.Timeout>()
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      const { baudRate, garbled } = knobs()
      const arrived = garbled === true ? Buffer.from(data.map((byte) => (byte ^ 0x86) | 0x80)) : damage(data, knobs(), random)
      if (baudRate === undefined) {
        done(null, arrived)
        return
      }
      free = Math.max(free, performance.now()) + (data.length * 10_000) / baudRate
      const timer = setTimeout(() => {
        timers.delete(timer)
        done(null, arrived)
      }, free - performance.now())
      timers.add(timer)
    },
    destroy(error, done) {
      for (const timer of timers) clearTimeout(timer)
      done(error)
    },
    readableHighWaterMark: 256,
    writableHighWaterMark: 256,
  })
}

/** Cuts chunks, so that a slow line shows each part as it comes. */
export function small(size = 64): Transform {
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      for (let start = 0; start < data.length; start += size) this.push(data.subarray(start, start + size))
      done()
    },
  })
}
