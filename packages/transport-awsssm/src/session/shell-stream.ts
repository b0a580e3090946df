// An interactive shell on the node as raw bytes.
import { randomBytes } from 'node:crypto'
import { Duplex } from 'node:stream'
import type { ShellStream } from '@train-ts/core'
import { isTransportError, TransportError } from '@train-ts/core'
import type { SessionKeys } from '../codec/encryption.js'
import { clientKeys, seal, unseal } from '../codec/encryption.js'
import { payloadType } from '../codec/message.js'
import type { HandshakeRequest } from '../codec/payload.js'
import { decodeChallenge, decodeHandshakeComplete, decodeHandshakeRequest, encodeChallenge, encodeSize } from '../codec/payload.js'
import type { DataChannelParts } from './data-channel.js'
import { clientVersion, DataChannel } from './data-channel.js'
import type { DataKeySource } from './data-key.js'
import { answerHandshake, encryptionContext, encryptionOf } from './handshake.js'
import type { Ticket } from './session-api.js'

export interface ShellParts extends DataChannelParts {
  readonly target: string
  readonly dataKey: DataKeySource
  /** Something for the user, such as that the session is encrypted or recorded. */
  readonly notice: (message: string) => void
}

/** The agent reads and writes 1024 bytes at once; a nonce and a tag take 28 of them. */
const chunkSize = 996
/** Where neither a handshake nor output announces that the shell is there, its ack of a size does. */
const silence = 2_000

class SessionShell extends Duplex implements ShellStream {
  readonly #parts: ShellParts
  readonly #stop = new AbortController()
  #channel: DataChannel | undefined
  #keys: SessionKeys | undefined
  #size = { columns: 80, rows: 24 }
  #ready = false
  #whenReady: (() => void)[] = []
  #silent: NodeJS.Timeout | undefined

  constructor(parts: ShellParts) {
    super()
    this.#parts = parts
  }

  async start(ticket: Ticket, signal: AbortSignal): Promise<void> {
    this.#channel = await DataChannel.open(this.#parts, ticket, {
      payload: (kind, payload) => this.#payload(kind, payload, ticket.sessionId),
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
      for (let start = 0; start < chunk.byteLength; start += chunkSize) {
        const part = chunk.subarray(start, start + chunkSize)
        await this.#channel?.send(payloadType.output, this.#keys === undefined ? part : seal(this.#keys.encrypt, randomBytes(12), part))
      }
    }
    write().then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#silent)
    this.#stop.abort(new Error('the shell is closed'))
    this.#release()
    const closing = this.#channel?.close() ?? Promise.resolve()
    closing.then(() => done(error), () => done(error))
  }

  #payload(kind: number, payload: Uint8Array, sessionId: string): void {
    switch (kind) {
      case payloadType.output:
      case payloadType.stderr: return this.#output(payload)
      case payloadType.handshakeRequest: {
        clearTimeout(this.#silent)
        const request = decodeHandshakeRequest(payload)
        if (request === undefined) return this.#fail('The agent’s handshake cannot be read.')
        this.#handshake(request, sessionId).catch((error: unknown) => {
          this.destroy(isTransportError(error) ? error : new TransportError('PROTOCOL_ERROR', 'The handshake failed.', { cause: error }))
        })
        break
      }
      case payloadType.challengeRequest: return this.#challenge(payload)
      case payloadType.handshakeComplete: {
        const { customerMessage } = decodeHandshakeComplete(payload)
        if (customerMessage !== '') this.#parts.notice(customerMessage)
        this.#begin()
        break
      }
      default: // acknowledged, and of no meaning here
    }
  }

  #output(payload: Uint8Array): void {
    const plain = this.#keys === undefined ? Buffer.from(payload) : unseal(this.#keys.decrypt, payload)
    // Never a byte that the holder of the key did not write.
    if (plain === undefined) return this.#fail('What came over the encrypted session is not what the agent wrote.')
    this.#begin()
    if (!this.push(plain)) this.#channel?.setPaused(true)
  }

  async #handshake(request: HandshakeRequest, sessionId: string): Promise<void> {
    const action = encryptionOf(request)
    const { target, dataKey } = this.#parts
    const key = action === undefined ? undefined : await dataKey(action.keyId, encryptionContext(sessionId, target, action), this.#stop.signal)
    if (key !== undefined) this.#keys = clientKeys(key.plaintext)
    const answer = answerHandshake(request, clientVersion, key?.ciphertext)
    this.#send(answer.payloadType, answer.payload)
    if (answer.refused === undefined) return
    throw new TransportError('UNSUPPORTED', `The agent asks for what this client cannot do: ${answer.refused}.`, { hint: 'Use mode=run-command for this node.', details: { reason: 'handshake' } })
  }

  /** Each side shows that it has the key. */
  #challenge(payload: Uint8Array): void {
    const sealed = decodeChallenge(payload)
    const plain = this.#keys === undefined || sealed === undefined ? undefined : unseal(this.#keys.decrypt, sealed)
    if (plain === undefined || this.#keys === undefined) return this.#fail('The agent’s challenge cannot be opened with the session’s key.')
    this.#send(payloadType.challengeResponse, encodeChallenge(seal(this.#keys.encrypt, randomBytes(12), plain)))
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

  #fail(message: string): void {
    this.destroy(new TransportError('PROTOCOL_ERROR', message))
  }
}

/** Opens a shell over a session that has been started. Rejects with nothing left behind. */
export async function openShell(parts: ShellParts, ticket: Ticket, signal: AbortSignal): Promise<ShellStream> {
  const shell = new SessionShell(parts)
  try {
    await shell.start(ticket, signal)
    return shell
  } catch (error) {
    shell.destroy()
    throw error
  }
}
