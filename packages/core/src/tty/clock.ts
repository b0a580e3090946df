/** Time as an argument: the engine takes it from here alone, so that a test may hold the hands. */
export interface Clock {
  /** Milliseconds since any fixed point. */
  now(): number
  /** Calls `action` once after so many milliseconds; the answer cancels it. */
  after(milliseconds: number, action: () => void): () => void
}

/** What the engine takes from the world besides the stream. */
export interface TtyEnvironment {
  readonly clock: Clock
  /** A number from 0 to 1, as Math.random's: for markers, never for keys. */
  readonly random: () => number
}

/** Resolves after so many milliseconds. */
export async function pause(clock: Clock, milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => { clock.after(milliseconds, resolve) })
}
