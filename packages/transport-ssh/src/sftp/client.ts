// Questions and answers of SFTP over one channel. Many questions may be under way; answers come in any order.
import { TransportError } from '@train-ts/core'
import type { Client, ClientChannel } from 'ssh2'
import { keepLargeWindow } from '../ssh2-internals.js'
import { WireReader, uint32, wireString } from '../wire.js'
import { PacketCutter, encodePacket, reply, request, status } from './packet.js'

export interface Answer {
  readonly type: number
  readonly reader: WireReader
}

interface Waiting {
  readonly settle: (answer: Answer) => void
  readonly fail: (cause: unknown) => void
}

/** OpenSSH sends up to 256 KiB, other servers a little more. */
const longestPacket = 1024 * 1024 + 1024
/** What every server takes (filexfer-02 §3), where it does not say more (limits@openssh.com). */
const commonLength = 32 * 1024
const usefulLength = 255 * 1024

export class SftpClient {
  readonly #channel: ClientChannel
  readonly #waiting = new Map<number, Waiting>()
  readonly #cutter = new PacketCutter(longestPacket)
  #nextId = 0
  #failure: unknown
  #version: { settle: (reader: WireReader) => void; fail: (cause: unknown) => void } | undefined
  #drains: (() => void)[] = []
  extensions: ReadonlySet<string> = new Set()
  readLength = commonLength
  writeLength = commonLength

  /** `died`: why the channel has ended, once it has. */
  constructor(client: Client, channel: ClientChannel, died: () => Error | undefined) {
    this.#channel = channel
    const end = (): void => this.#end(died() ?? new TransportError('PROTOCOL_ERROR', 'The SFTP server ended.'))
    channel.on('data', (chunk: Buffer) => {
      keepLargeWindow(client, channel) // what comes was asked for, so it is bounded
      this.#receive(chunk)
    })
    channel.on('drain', () => this.#drained())
    channel.on('end', end)
    channel.on('close', end)
    channel.stderr.resume()
  }

  get dead(): boolean {
    return this.#failure !== undefined
  }

  /** INIT, and what the server can do. */
  async start(): Promise<void> {
    const reader = await new Promise<WireReader>((settle, fail) => {
      if (this.#failure !== undefined) return fail(this.#failure)
      this.#version = { settle, fail }
      this.#channel.write(encodePacket(request.init, undefined, [uint32(3)]))
    })
    if (reader.uint32() < 3) throw new TransportError('UNSUPPORTED', 'The SFTP server speaks an older version than 3.')
    const found = new Set<string>()
    while (!reader.ended) {
      found.add(reader.text())
      reader.string()
    }
    this.extensions = found
    if (!found.has('limits@openssh.com')) return
    const { reader: limits } = await this.ask(request.extended, [wireString('limits@openssh.com')], reply.extended)
    limits.uint64()
    this.readLength = between(Number(limits.uint64()))
    this.writeLength = between(Number(limits.uint64()))
  }

  /** Sends a question; the answer is of type `expected`. A status instead is thrown as {@link SftpStatus}. */
  ask(type: number, parts: readonly Uint8Array[], expected: number): Promise<Answer> {
    return new Promise((settle, fail) => {
      if (this.#failure !== undefined) return fail(this.#failure)
      const id = (this.#nextId = (this.#nextId + 1) >>> 0)
      const answered = (answer: Answer): void => {
        if (answer.type === expected && expected !== reply.status) return settle(answer)
        if (answer.type !== reply.status) return fail(new TransportError('PROTOCOL_ERROR', `The SFTP server answered with message ${answer.type}.`))
        const code = answer.reader.uint32()
        if (code === status.ok && expected === reply.status) settle(answer)
        else fail(new SftpStatus(code, answer.reader.ended ? '' : answer.reader.text()))
      }
      this.#waiting.set(id, { settle: answered, fail })
      this.#channel.write(encodePacket(type, id, parts))
    })
  }

  /** Resolves when the channel takes more without piling it up. */
  writable(): Promise<void> {
    if (this.#failure !== undefined || !this.#channel.writableNeedDrain) return Promise.resolve()
    return new Promise((settle) => void this.#drains.push(settle))
  }

  close(): void {
    this.#end(new TransportError('CONNECTION_CLOSED', 'The SFTP session was closed.'))
  }

  #receive(chunk: Buffer): void {
    if (this.#failure !== undefined) return
    try {
      for (const packet of this.#cutter.push(chunk)) this.#answer(packet)
    } catch (cause) {
      this.#end(new TransportError('PROTOCOL_ERROR', 'What the SFTP server says is not SFTP.', { hint: 'A login script of that user may print something.', cause }))
    }
  }

  #answer(packet: Buffer): void {
    const type = packet[0] ?? 0
    const reader = new WireReader(packet.subarray(1))
    if (this.#version !== undefined) {
      const { settle } = this.#version
      if (type !== reply.version) throw new RangeError(`message ${type} instead of a version`)
      this.#version = undefined
      return settle(reader)
    }
    const id = reader.uint32()
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    try {
      waiting?.settle({ type, reader })
    } catch (cause) {
      waiting?.fail(cause)
      throw cause
    }
  }

  #end(failure: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = failure
    for (const { fail } of this.#waiting.values()) fail(failure)
    this.#waiting.clear()
    this.#version?.fail(failure)
    this.#drained()
    this.#channel.close()
    this.#channel.resume()
  }

  #drained(): void {
    for (const settle of this.#drains.splice(0)) settle()
  }
}

function between(announced: number): number {
  return announced === 0 ? commonLength : Math.min(Math.max(announced, 1024), usefulLength)
}

/** A refusal, with the server's number for it. */
export class SftpStatus extends Error {
  readonly status: number

  constructor(code: number, message: string) {
    super(message === '' ? `SFTP status ${code}` : message)
    this.status = code
  }
}
