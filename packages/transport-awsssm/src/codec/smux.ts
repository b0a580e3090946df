// smux, version 1: many streams over the bytes of one port session. Eight bytes of header, little-endian. Pure.

export const smuxCommand = { open: 0, finish: 1, push: 2, nop: 3 } as const

export interface SmuxFrame {
  readonly command: number
  readonly stream: number
  readonly data: Uint8Array
}

const version = 1
const headerLength = 8
/** What both official sides use; the format allows 65,535. */
export const smuxChunk = 32_768

export function encodeSmux({ command, stream, data }: SmuxFrame): Buffer {
  const frame = Buffer.alloc(headerLength + data.byteLength)
  frame.writeUInt8(version, 0)
  frame.writeUInt8(command, 1)
  frame.writeUInt16LE(data.byteLength, 2)
  frame.writeUInt32LE(stream, 4)
  frame.set(data, headerLength)
  return frame
}

/** Reassembles frames from bytes that were cut anywhere. */
export class SmuxDecoder {
  #rest = Buffer.alloc(0)

  /** Whole frames, in order. Throws on another version: then nothing that follows can be trusted. */
  push(bytes: Uint8Array): SmuxFrame[] {
    this.#rest = this.#rest.byteLength === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes])
    const frames: SmuxFrame[] = []
    let offset = 0
    while (this.#rest.byteLength - offset >= headerLength) {
      if (this.#rest.readUInt8(offset) !== version) throw new RangeError(`smux version ${String(this.#rest.readUInt8(offset))}`)
      const length = this.#rest.readUInt16LE(offset + 2)
      if (this.#rest.byteLength - offset - headerLength < length) break
      const start = offset + headerLength
      frames.push({ command: this.#rest.readUInt8(offset + 1), stream: this.#rest.readUInt32LE(offset + 4), data: this.#rest.subarray(start, start + length) })
      offset = start + length
    }
    this.#rest = this.#rest.subarray(offset)
    return frames
  }
}
