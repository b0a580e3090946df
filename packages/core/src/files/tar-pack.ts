// Headers of a tar archive in the GNU form, which GNU, busybox, toybox and BSD tar all read: busybox's skips the names of PAX, and no
// library writes a name as bytes. Pure.

export interface TarEntry {
  /** Relative, without a slash at the end. */
  readonly name: Uint8Array
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly size: number
  readonly mtimeMs: number
  /** What a symbolic link says. */
  readonly linkTarget?: Uint8Array | undefined
}

const block = 512
const typeFlags = { file: '0', symlink: '2', directory: '5', longName: 'L', longLink: 'K' } as const

/** What stands before an entry's content. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const name = entry.type === 'directory' ? Buffer.concat([entry.name, Buffer.from('/')]) : entry.name
  const link = entry.linkTarget ?? new Uint8Array(0)
  const long = [name.length > 100 ? longRecord('longName', name) : undefined, link.length > 100 ? longRecord('longLink', link) : undefined]
  const seconds = Math.max(0, Math.floor(entry.mtimeMs / 1000))
  return Buffer.concat([...long.filter((record) => record !== undefined), header(typeFlags[entry.type], name, entry.mode, entry.size, seconds, link)])
}

/** Zeros up to the next block. */
export function tarPadding(size: number): Uint8Array {
  return Buffer.alloc((block - (size % block)) % block)
}

/** The end of an archive. */
export const tarEnd: Uint8Array = Buffer.alloc(block * 2)

function longRecord(kind: 'longName' | 'longLink', value: Uint8Array): Buffer {
  const data = Buffer.concat([value, Buffer.alloc(1)])
  return Buffer.concat([header(typeFlags[kind], Buffer.from('././@LongLink'), 0o644, data.length, 0, new Uint8Array(0)), data, tarPadding(data.length)])
}

function header(type: string, name: Uint8Array, mode: number, size: number, seconds: number, link: Uint8Array): Buffer {
  const bytes = Buffer.alloc(block)
  bytes.set(name.subarray(0, 100), 0)
  writeNumber(bytes, 100, 8, mode & 0o7777)
  writeNumber(bytes, 108, 8, 0)
  writeNumber(bytes, 116, 8, 0)
  writeNumber(bytes, 124, 12, size)
  writeNumber(bytes, 136, 12, seconds)
  bytes.write('        ', 148, 'latin1')
  bytes.write(type, 156, 'latin1')
  bytes.set(link.subarray(0, 100), 157)
  bytes.write('ustar  \0', 257, 'latin1')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}

/** Octal while it fits (8 GiB), else GNU's base 256. */
function writeNumber(bytes: Buffer, at: number, length: number, value: number): void {
  const text = value.toString(8)
  if (text.length < length) {
    bytes.write(`${text.padStart(length - 1, '0')}\0`, at, 'latin1')
    return
  }
  bytes.writeUIntBE(value % 2 ** 48, at + length - 6, 6)
  bytes.writeUIntBE(Math.floor(value / 2 ** 48), at + length - 10, 4)
  bytes[at] = 0x80
}
