// One connection through a port session.
import { Duplex } from 'node:stream'
import type { TransportError } from '@train-ts/core'

export interface PortStreamParts {
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>
  /** The far side may close. It closes both directions: smux has no half of it. */
  finish(): void
  /** Whether this stream takes what arrives for it. */
  setFull(full: boolean): void
  /** Once, at the end. */
  forget(): void
}

export class PortStream extends Duplex {
  readonly #parts: PortStreamParts
  #finished = false

  constructor(parts: PortStreamParts) {
    super({ allowHalfOpen: true })
    this.#parts = parts
  }

  deliver(bytes: Uint8Array): void {
    if (!this.push(Buffer.from(bytes))) this.#parts.setFull(true)
  }

  /** The far side has closed. */
  farEnd(): void {
    this.push(null)
    this.#finish()
    this.end()
  }

  fail(error: TransportError): void {
    this.destroy(error)
  }

  override _read(): void {
    this.#parts.setFull(false)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#finished) return done()
    this.#parts.write(chunk).then(() => done(), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finish()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#finish()
    this.#parts.setFull(false)
    this.#parts.forget()
    done(error)
  }

  #finish(): void {
    if (this.#finished) return
    this.#finished = true
    this.#parts.finish()
  }
}
