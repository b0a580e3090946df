// A frame that never arrives whole is asked for in parts, each of which proves itself.

export class PartFetch {
  #text = ''
  #index = 0

  constructor(readonly slot: string, readonly size: number) {}

  /** The part to be asked for next. */
  get index(): number {
    return this.#index
  }

  /** Takes a part; the kept line when it is complete (a short part is its last one: the far shell drops the LF). */
  push(part: { readonly slot: string; readonly index: number; readonly size: number; readonly text: string }): string | undefined {
    if (part.slot !== this.slot || part.size !== this.size || part.index !== this.#index) return undefined
    this.#text += part.text
    this.#index++
    return part.text.length < this.size ? this.#text : undefined
  }
}
