import { abortable } from './abort.js'

/** A slot of {@link Gate}. Giving it back twice is fine. */
export type Release = () => void

interface Waiter {
  readonly admit: () => void
}

/**
 * Lets at most `limit` calls through at once, in the order in which they came; what ends a process goes to the head.
 * The limit falls when the far side says BUSY and never rises again: what a server refused once it refuses again.
 */
export class Gate {
  #limit: number
  #inFlight = 0
  readonly #queue: Waiter[] = []

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  get limit(): number {
    return this.#limit
  }

  get waiting(): number {
    return this.#queue.length
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Called when somebody has to wait: whoever holds a slot only for speed gives it back. */
  onWait: (() => void) | undefined

  /** Called when the limit has fallen. */
  onLower: (() => void) | undefined

  /** Resolves with a slot; rejects with the signal's reason, and then holds nothing. */
  async acquire(signal: AbortSignal, options: { readonly first?: boolean } = {}): Promise<Release> {
    signal.throwIfAborted()
    if (this.#inFlight < this.#limit && this.#queue.length === 0) return this.#take()
    return new Promise<Release>((resolve, reject) => {
      const stopListening = abortable(signal, (reason) => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1)
        reject(reason)
      })
      const waiter: Waiter = {
        admit: () => {
          stopListening()
          resolve(this.#take())
        },
      }
      if (options.first === true) this.#queue.unshift(waiter)
      else this.#queue.push(waiter)
      this.onWait?.()
      this.#admit()
    })
  }

  /** The far side refused one more: the limit becomes what it carries now, without the call that was refused. */
  lower(): void {
    this.#limit = Math.max(1, Math.min(this.#limit, this.#inFlight) - 1)
    this.onLower?.()
  }

  #take(): Release {
    this.#inFlight += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#inFlight -= 1
      this.#admit()
    }
  }

  #admit(): void {
    while (this.#inFlight < this.#limit) {
      const waiter = this.#queue.shift()
      if (waiter === undefined) return
      waiter.admit()
    }
  }
}
