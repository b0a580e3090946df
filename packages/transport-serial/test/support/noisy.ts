import { Duplex } from 'node:stream'
import { damage, seededRandom } from '../../emulator/noise.js'
import type { NoiseKnobs } from '../../emulator/noise.js'

/** A line that damages bytes both ways. `knobs` is asked for each chunk, so that a line may turn bad later. */
export function noisy(inner: Duplex, knobs: () => NoiseKnobs, seed: number): Duplex {
  const random = seededRandom(seed)
  const outer = new Duplex({
    read: () => { inner.resume() },
    write: (data: Buffer, _encoding, done) => { inner.write(damage(data, knobs(), random), () => { done() }) },
    destroy: (error, done) => {
      inner.destroy()
      done(error)
    },
  })
  inner.on('data', (data: Buffer) => { if (!outer.push(damage(data, knobs(), random))) inner.pause() })
  inner.on('end', () => { outer.push(null) })
  inner.on('close', () => { outer.destroy() })
  return outer
}
