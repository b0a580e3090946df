// One channel's frames in their order, whatever the line did to them.

/** Takes frames as they come, gives them in turn, each once. */
export class Reassembly {
  readonly #early = new Map<number, Uint8Array>()
  #next = 0
  #ended = false

  /** The frames that are now in turn; an empty one is the end of the stream and is not given. */
  push(sequence: number, data: Uint8Array): readonly Uint8Array[] {
    if (this.#ended || sequence < this.#next || this.#early.has(sequence)) return []
    this.#early.set(sequence, data)
    const ready: Uint8Array[] = []
    for (let frame = this.#early.get(this.#next); frame !== undefined && !this.#ended; frame = this.#early.get(this.#next)) {
      this.#early.delete(this.#next)
      this.#next++
      if (frame.length === 0) this.#ended = true
      else ready.push(frame)
    }
    return ready
  }

  /** The next sequence number in turn. */
  get next(): number {
    return this.#next
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether a later frame than the next one in turn has arrived. */
  get gap(): boolean {
    return this.#early.size > 0
  }
}
