// An ssh2 channel as an ordinary Duplex: destroy() closes it, 'close' always comes, and who reads slowly slows the far side down.
import { Duplex } from 'node:stream'
import type { ShellStream } from '@train-ts/core'
import type { ClientChannel } from 'ssh2'
import { failureOf } from './link.js'
import type { Link } from './link.js'

export class ChannelStream extends Duplex implements ShellStream {
  readonly #channel: ClientChannel
  #closed = false
  #ended = false
  #written: (() => void) | undefined

  /** `what`: for the error when the connection is lost: 'while a forwarded connection was open'. */
  constructor(channel: ClientChannel, link: Link, what: string) {
    super()
    this.on('error', () => undefined) // a stream that nobody watches any more must not end the process; who reads or pipes it sees the error
    this.#channel = channel
    // The channel itself says nothing of a lost connection until somebody has read all that it holds.
    const lost = (): void => void this.destroy(failureOf(link, what) ?? new Error('the SSH connection was closed'))
    link.client.once('close', lost)
    this.once('close', () => link.client.off('close', lost))
    channel.on('data', (chunk: Buffer) => {
      if (!this.destroyed && !this.push(chunk)) channel.pause()
    })
    channel.on('end', () => this.#end())
    channel.on('error', (error: Error) => this.destroy(error))
    channel.on('close', () => {
      this.#closed = true
      if (failureOf(link, what) !== undefined) return lost()
      // What has arrived stays readable; what can no longer be sent is dropped.
      this.#end()
      this.#written?.()
      if (!this.writableEnded) this.end()
    })
    channel.stderr.on('error', () => undefined)
    channel.stderr.resume()
    channel.pause()
  }

  #end(): void {
    if (this.#ended || this.destroyed) return
    this.#ended = true
    this.push(null)
  }

  resize(columns: number, rows: number): void {
    if (!this.#closed) this.#channel.setWindow(rows, columns, 0, 0)
  }

  override _read(): void {
    this.#channel.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#closed) return done()
    this.#written = () => {
      this.#written = undefined
      done()
    }
    this.#channel.write(chunk, () => this.#written?.())
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#closed) this.#channel.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#closed) {
      this.#channel.close()
      this.#channel.resume() // so that what still comes is dropped, and the far side's close is seen
    }
    done(error)
  }
}
