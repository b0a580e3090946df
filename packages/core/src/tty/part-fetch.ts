// A frame that does not arrive whole is asked for in parts, each of which proves itself.

/** Parts that are on their way at once. */
const batch = 8
const largest = 512
const smallest = 32

export interface Part {
  readonly offset: number
  readonly size: number
}

export class PartFetch {
  #text = ''
  /** Where the first part begins that was never asked for. */
  #end = 0
  #asked: readonly Part[] = []
  #started = false
  readonly #early = new Map<number, Part & { readonly text: string }>()

  constructor(readonly slot: string, private size: number) {}

  /** What to ask for now: all that was asked for before has been answered, or is lost. */
  ask(): readonly Part[] {
    const lost = this.#asked
    if (lost.length > batch / 3) this.size = Math.max(smallest, Math.floor(this.size / 2))
    else if (lost.length === 0 && this.#started) this.size = Math.min(largest, Math.ceil(this.size * 1.5))
    this.#started = true
    const again = lost.flatMap((part) => part.size <= this.size || part.size <= smallest ? [part] : halves(part))
    const fresh: Part[] = []
    for (let count = again.length; count < batch; count++) {
      fresh.push({ offset: this.#end, size: this.size })
      this.#end += this.size
    }
    this.#asked = [...again, ...fresh]
    return this.#asked
  }

  /** Takes a part; the kept line when it is complete (a short part is its last one: the far shell drops the LF). */
  push(part: Part & { readonly slot: string; readonly text: string }): string | undefined {
    if (part.slot !== this.slot || !this.#asked.some(({ offset, size }) => offset === part.offset && size === part.size)) return undefined
    this.#asked = this.#asked.filter(({ offset }) => offset !== part.offset)
    this.#early.set(part.offset, part)
    for (let next = this.#early.get(this.#text.length); next !== undefined; next = this.#early.get(this.#text.length)) {
      this.#early.delete(this.#text.length)
      this.#text += next.text
      if (next.text.length < next.size) return this.#text
    }
    return undefined
  }
}

function halves({ offset, size }: Part): readonly Part[] {
  const half = Math.floor(size / 2)
  return [{ offset, size: half }, { offset: offset + half, size: size - half }]
}
