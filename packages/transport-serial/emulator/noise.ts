// What a bad line does to bytes.

export interface NoiseKnobs {
  /** Share of bytes of which one bit flips, 0 to 1. */
  readonly noise?: number | undefined
  /** Share of bytes that get lost, 0 to 1. */
  readonly dropped?: number | undefined
}

/** The bytes as they arrive. `random` is from 0 to 1. */
export function damage(data: Uint8Array, { noise = 0, dropped = 0 }: NoiseKnobs, random: () => number): Buffer {
  if (noise === 0 && dropped === 0) return Buffer.from(data)
  const arrived: number[] = []
  for (const byte of data) {
    if (random() < dropped) continue
    arrived.push(random() < noise ? byte ^ (1 << Math.floor(random() * 8)) : byte)
  }
  return Buffer.from(arrived)
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
