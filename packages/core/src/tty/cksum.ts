// Checksums that the far side can compute, so that a line can prove itself: POSIX `cksum`, or `md5sum` where a small busybox has not that.
import { createHash } from 'node:crypto'

const polynomial = 0x04c11db7

const table: readonly number[] = Array.from({ length: 256 }, (_, index) => {
  let value = index << 24
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ polynomial : value << 1
  return value >>> 0
})

/** CRC of the characters (latin1: one byte each) and of their count, as `printf %s "$text" | cksum` prints it first. */
export function cksum(text: string): number {
  let crc = 0
  const take = (byte: number) => { crc = ((crc << 8) ^ (table[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0 }
  for (let index = 0; index < text.length; index++) take(text.charCodeAt(index) & 0xff)
  for (let length = text.length; length > 0; length = Math.floor(length / 256)) take(length & 0xff)
  return ~crc >>> 0
}

/** By the name of the program. */
export type Sum = 'cksum' | 'md5sum'

/** The first word that the program prints for the text. */
export function sumOf(sum: Sum, text: string): string {
  return sum === 'cksum' ? String(cksum(text)) : createHash('md5').update(text, 'latin1').digest('hex')
}
