// An interactive shell on the node as raw bytes.
import { Duplex } from 'node:stream'
import type { ShellStream } from '@train-ts/core'
import { TransportError } from '@train-ts/core'
import { payloadType } from '../codec/message.js'
import { decodeHandshakeComplete, encodeSize } from '../codec/payload.js'
import type { DataChannelParts } from './data-channel.js'
import { clientVersion, DataChannel } from './data-channel.js'
import { answerHandshake } from './handshake.js'
import type { Ticket } from './session-api.js'

export interface ShellHandlers {
  /** Something for the user, such as that the session is encrypted or recorded. */
  notice(message: string): void
}

/** The agent reads and writes as much at once. */
const chunkSize = 1_024
/** Where neither a handshake nor output announces that the shell is there, its ack of a size does. */
const silence = 2_000

class SessionShell extends Duplex implements ShellStream {
  #channel: DataChannel | undefined
  #size = { columns: 80, rows: 24 }
  #ready = false
  #whenReady: (() => void)[] = []
  #silent: NodeJS.Timeout | undefined

  async start(parts: DataChannelParts, ticket: Ticket, handlers: ShellHandlers, signal: AbortSignal): Promise<void> {
    this.#channel = await DataChannel.open(parts, ticket, {
      payload: (kind, payload) => this.#payload(kind, payload, handlers),
      ended: (error) => {
        if (error === undefined) this.push(null)
        else this.destroy(error)
      },
    }, signal)
    this.#silent = setTimeout(() => this.#begin(), silence)
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows }
    if (this.#ready) this.#send(payloadType.size, encodeSize(columns, rows))
  }

  override _read(): void {
    this.#channel?.setPaused(false)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const write = async (): Promise<void> => {
      if (!this.#ready) await new Promise<void>((resolve) => { this.#whenReady.push(resolve) })
      for (let start = 0; start < chunk.byteLength; start += chunkSize) await this.#channel?.send(payloadType.output, chunk.subarray(start, start + chunkSize))
    }
    write().then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#silent)
    this.#release()
    const closing = this.#channel?.close() ?? Promise.resolve()
    closing.then(() => done(error), () => done(error))
  }

  #payload(kind: number, payload: Uint8Array, handlers: ShellHandlers): void {
    switch (kind) {
      case payloadType.output:
      case payloadType.stderr:
        this.#begin()
        if (!this.push(Buffer.from(payload))) this.#channel?.setPaused(true)
        break
      case payloadType.handshakeRequest: {
        const answer = answerHandshake(payload, clientVersion)
        clearTimeout(this.#silent)
        if (answer === undefined) return void this.destroy(new TransportError('PROTOCOL_ERROR', 'The agent’s handshake cannot be read.'))
        this.#send(answer.payloadType, answer.payload)
        if (answer.refused !== undefined) {
          this.destroy(new TransportError('UNSUPPORTED', `The agent asks for what this client cannot do: ${answer.refused}.`, { hint: 'Use mode=run-command for this node.', details: { reason: 'handshake' } }))
        }
        break
      }
      case payloadType.handshakeComplete: {
        const { customerMessage } = decodeHandshakeComplete(payload)
        if (customerMessage !== '') handlers.notice(customerMessage)
        this.#begin()
        break
      }
      default: // acknowledged, and of no meaning here
    }
  }

  /** Input is allowed from here on; what is sent earlier may be acknowledged and thrown away. */
  #begin(): void {
    if (this.#ready) return
    clearTimeout(this.#silent)
    this.#ready = true
    this.resize(this.#size.columns, this.#size.rows)
    this.#release()
  }

  #release(): void {
    for (const resolve of this.#whenReady.splice(0)) resolve()
  }

  #send(kind: number, payload: Uint8Array): void {
    this.#channel?.send(kind, payload).catch(() => undefined)
  }
}

/** Opens a shell over a session that has been started. Rejects with nothing left behind. */
export async function openShell(parts: DataChannelParts, ticket: Ticket, handlers: ShellHandlers, signal: AbortSignal): Promise<ShellStream> {
  const shell = new SessionShell()
  try {
    await shell.start(parts, ticket, handlers, signal)
    return shell
  } catch (error) {
    shell.destroy()
    throw error
  }
}
