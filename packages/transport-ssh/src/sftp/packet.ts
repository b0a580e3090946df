// SFTP version 3 (draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL for the extensions), as bytes. Pure.
import type { NativeStat, RemotePath } from '@train-ts/core'
import { uint32, wireString } from '../wire.js'
import type { WireReader } from '../wire.js'

export const request = {
  init: 1, open: 3, close: 4, read: 5, write: 6, lstat: 7, setStat: 9, setHandleStat: 10, openDirectory: 11, readDirectory: 12, remove: 13,
  makeDirectory: 14, removeDirectory: 15, realPath: 16, stat: 17, readLink: 19, symlink: 20, extended: 200,
} as const
export const reply = { version: 2, status: 101, handle: 102, data: 103, name: 104, attributes: 105, extended: 201 } as const
export const status = { ok: 0, endOfFile: 1, noSuchFile: 2, permissionDenied: 3, failure: 4, badMessage: 5, noConnection: 6, lost: 7, unsupported: 8 } as const
export const openFlag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const

const attribute = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x80000000 } as const

/** A path goes as its bytes: also a name that is not UTF-8 can be said. */
export function pathBytes(path: RemotePath): Buffer {
  return wireString(path)
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

/** A whole packet; `id` is missing in INIT alone. */
export function encodePacket(type: number, id: number | undefined, parts: readonly Uint8Array[]): Buffer {
  const head = id === undefined ? [Buffer.of(type)] : [Buffer.of(type), uint32(id)]
  const length = [...head, ...parts].reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([uint32(length), ...head, ...parts])
}

export interface Attributes {
  readonly size?: number | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly mode?: number | undefined
  /** Seconds. */
  readonly atime?: number | undefined
  readonly mtime?: number | undefined
}

export function encodeAttributes(values: Attributes): Buffer {
  const { size, uid, gid, mode, atime, mtime } = values
  let flags = 0
  const parts: Buffer[] = []
  if (size !== undefined) {
    flags |= attribute.size
    parts.push(uint64(size))
  }
  if (uid !== undefined && gid !== undefined) {
    flags |= attribute.owner
    parts.push(uint32(uid), uint32(gid))
  }
  if (mode !== undefined) {
    flags |= attribute.mode
    parts.push(uint32(mode))
  }
  if (atime !== undefined && mtime !== undefined) {
    flags |= attribute.times
    parts.push(uint32(atime), uint32(mtime))
  }
  return Buffer.concat([uint32(flags), ...parts])
}

export function decodeAttributes(reader: WireReader): Attributes {
  const flags = reader.uint32()
  const size = (flags & attribute.size) !== 0 ? Number(reader.uint64()) : undefined
  const owner = (flags & attribute.owner) !== 0 ? { uid: reader.uint32(), gid: reader.uint32() } : {}
  const mode = (flags & attribute.mode) !== 0 ? reader.uint32() : undefined
  const times = (flags & attribute.times) !== 0 ? { atime: reader.uint32(), mtime: reader.uint32() } : {}
  if ((flags & attribute.extended) !== 0) {
    const pairs = reader.uint32()
    for (let pair = 0; pair < pairs; pair++) {
      reader.string()
      reader.string()
    }
  }
  return { size, mode, ...owner, ...times }
}

/** S_IFMT of POSIX. */
const fileTypes: Readonly<Record<number, string>> = {
  0o140000: 'socket', 0o120000: 'symlink', 0o100000: 'file', 0o060000: 'block_device', 0o040000: 'directory', 0o020000: 'character_device', 0o010000: 'pipe',
}

export function toStat({ size, mode, uid, gid, mtime }: Attributes): NativeStat {
  const type = fileTypes[(mode ?? 0) & 0o170000] ?? 'unknown'
  return { type, size: size ?? 0, mode: (mode ?? 0) & 0o7777, uid: uid ?? 0, gid: gid ?? 0, mtimeMs: (mtime ?? 0) * 1000 }
}

/** Text where the name is UTF-8, else its bytes. */
export function toPath(bytes: Buffer): RemotePath {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : Uint8Array.from(bytes)
}

/** Cuts a stream of bytes into packets. A length is the peer's word: `longest` is the most that is believed. */
export class PacketCutter {
  readonly #longest: number
  #chunks: Buffer[] = []
  #held = 0

  constructor(longest: number) {
    this.#longest = longest
  }

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    const packets: Buffer[] = []
    for (;;) {
      if (this.#held < 4) return packets
      const first = this.#chunks[0]
      // A new chunk that does not complete the packet is not copied.
      if (first === undefined || first.length < 4) this.#join()
      const length = (this.#chunks[0] ?? Buffer.alloc(4)).readUInt32BE(0)
      if (length === 0 || length > this.#longest) throw new RangeError(`an SFTP packet of ${length} bytes`)
      if (this.#held < 4 + length) return packets
      if ((this.#chunks[0]?.length ?? 0) < 4 + length) this.#join()
      const joined = this.#chunks[0] ?? Buffer.of()
      packets.push(joined.subarray(4, 4 + length))
      this.#held -= 4 + length
      if (joined.length === 4 + length) this.#chunks.shift()
      else this.#chunks[0] = joined.subarray(4 + length)
    }
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks)]
  }
}
