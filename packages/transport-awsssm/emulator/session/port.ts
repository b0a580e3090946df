// The agent's port session: smux towards the client, TCP towards the address.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { payloadType } from '../../src/codec/message.js'
import { encodeFlag, flag } from '../../src/codec/payload.js'
import { encodeSmux, smuxCommand, SmuxDecoder } from '../../src/codec/smux.js'
import type { AgentChannel } from './agent-channel.js'

const chunkSize = 1_024

export class PortAgent {
  readonly #channel: AgentChannel
  readonly #host: string
  readonly #port: number
  readonly #sockets = new Map<number, Socket>()
  readonly #decoder = new SmuxDecoder()

  constructor(channel: AgentChannel, host: string, port: number) {
    this.#channel = channel
    this.#host = host
    this.#port = port
  }

  receive(bytes: Uint8Array): void {
    for (const { command, stream, data } of this.#decoder.push(bytes)) {
      if (command === smuxCommand.open) this.#open(stream)
      else if (command === smuxCommand.push) this.#sockets.get(stream)?.write(data)
      else if (command === smuxCommand.finish) this.#finish(stream)
    }
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy()
    this.#sockets.clear()
  }

  #open(stream: number): void {
    const socket = connect({ host: this.#host, port: this.#port })
    this.#sockets.set(stream, socket)
    let connected = false
    socket.once('connect', () => { connected = true })
    socket.on('data', (data: Buffer) => {
      socket.pause()
      void this.#push(stream, data).then(() => socket.resume())
    })
    socket.on('error', () => {
      if (!connected) this.#channel.send(payloadType.flag, encodeFlag(flag.connectToPortError))
    })
    socket.once('end', () => this.#finish(stream))
    socket.once('close', () => this.#finish(stream))
  }

  async #push(stream: number, data: Buffer): Promise<void> {
    await this.#channel.room()
    this.#bytes(encodeSmux({ command: smuxCommand.push, stream, data: data.subarray(0, 32_768) }))
    if (data.byteLength > 32_768) await this.#push(stream, data.subarray(32_768))
  }

  /** A full close, both ways. */
  #finish(stream: number): void {
    const socket = this.#sockets.get(stream)
    if (socket === undefined) return
    this.#sockets.delete(stream)
    socket.destroySoon()
    this.#bytes(encodeSmux({ command: smuxCommand.finish, stream, data: new Uint8Array() }))
  }

  #bytes(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.byteLength; start += chunkSize) this.#channel.send(payloadType.output, bytes.subarray(start, start + chunkSize))
  }
}
