// How long to wait for an ack before a message is sent again: the official programs' formula. Milliseconds, pure.

export interface RoundTrip {
  readonly mean: number
  readonly variation: number
  readonly timeout: number
}

export const firstRoundTrip: RoundTrip = { mean: 100, variation: 0, timeout: 200 }

export function measured({ mean, variation }: RoundTrip, sample: number): RoundTrip {
  const nextVariation = 0.75 * variation + 0.25 * Math.abs(mean - sample)
  const nextMean = 0.875 * mean + 0.125 * sample
  return { mean: nextMean, variation: nextVariation, timeout: Math.min(1_000, nextMean + Math.max(10, 4 * nextVariation)) }
}
