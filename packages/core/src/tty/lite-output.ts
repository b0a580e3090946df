// The small agent's answer to one order: `<id` LF, the command's bytes as they are, LF `>id code` LF.
import type { ExecEvent } from '../driver.js'

export class LiteOutput {
  #begun = false
  #ended = false
  #held = ''
  readonly #end: RegExp

  constructor(private readonly id: string) {
    this.#end = new RegExp(`\\r?\\n>${id} (\\d+)\\r?\\n`)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** `text` is latin1. */
  push(text: string): readonly ExecEvent[] {
    if (this.#ended) return []
    this.#held += text
    if (!this.#begun) {
      const start = new RegExp(`<${this.id}\\r?\\n`).exec(this.#held)
      if (start === null) return []
      this.#begun = true
      this.#held = this.#held.slice(start.index + start[0].length)
    }
    const end = this.#end.exec(this.#held)
    if (end !== null) {
      this.#ended = true
      return [...output(this.#held.slice(0, end.index)), { type: 'exit', code: Number(end[1]), signal: null }]
    }
    const keep = this.#held.length - this.#possibleEnd()
    const ready = this.#held.slice(0, keep)
    this.#held = this.#held.slice(keep)
    return output(ready)
  }

  /** How many characters at the end may be the start of the end. */
  #possibleEnd(): number {
    const tail = this.#held.slice(-(this.id.length + 12))
    const at = tail.search(/\r?\n(?:>\S* ?\d*\r?)?$|\r$/)
    return at < 0 ? 0 : tail.length - at
  }
}

function output(text: string): readonly ExecEvent[] {
  return text === '' ? [] : [{ type: 'stdout', data: Buffer.from(text, 'latin1') }]
}
