// One stream of a running command: frames in turn, what has been acknowledged, and the mark behind its end.
import { Barrier } from './barrier.js'
import type { Channel } from './frame.js'
import { Reassembly } from './reassembly.js'

export interface Chunk {
  readonly channel: Channel
  /** The last frame that it holds: to be acknowledged when somebody has taken it. */
  readonly sequence: number
  readonly data: Uint8Array
}

export class StreamState {
  readonly #frames = new Reassembly()
  #barrier: Barrier | undefined
  /** How often the frame that is missing has been asked for. */
  asked = 0
  /** The last frame that has been acknowledged; -1: none. */
  acknowledged = -1

  constructor(readonly channel: Channel) {}

  /** From now on the stream also ends at `mark`. */
  expect(mark: string): void {
    this.#barrier ??= new Barrier(mark)
  }

  get complete(): boolean {
    return this.#frames.ended || this.#barrier?.found === true
  }

  get next(): number {
    return this.#frames.next
  }

  get gap(): boolean {
    return this.#frames.gap
  }

  push(sequence: number, data: Uint8Array): readonly Chunk[] {
    const before = this.#frames.next
    const ready = this.#frames.push(sequence, data)
    if (this.#frames.next > before) this.asked = 0
    const chunks = ready.map((frame, index) => ({ channel: this.channel, sequence: before + index, data: this.#barrier?.push(frame) ?? frame }))
    const held = this.#frames.ended ? this.#barrier?.flush() : undefined
    return held === undefined || held.length === 0 ? chunks : [...chunks, { channel: this.channel, sequence: this.#frames.next - 1, data: held }]
  }
}
