// MD4 (RFC 1320). Node's OpenSSL 3 has it no longer, and NTLM hashes the password with it.

/** The MD4 digest of `message`, 16 bytes. */
export function md4(message: Uint8Array): Buffer {
  const blocks = pad(message)
  const state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  const words = new Uint32Array(16)
  for (let offset = 0; offset < blocks.length; offset += 64) {
    for (let index = 0; index < 16; index++) words[index] = blocks.readUInt32LE(offset + index * 4)
    compress(state, words)
  }
  const digest = Buffer.alloc(16)
  state.forEach((word, index) => digest.writeUInt32LE(word >>> 0, index * 4))
  return digest
}

type State = [number, number, number, number]

interface Round {
  readonly order: readonly number[]
  readonly shifts: readonly number[]
  readonly constant: number
  readonly mix: (b: number, c: number, d: number) => number
}

const rounds: readonly Round[] = [
  { order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], shifts: [3, 7, 11, 19], constant: 0, mix: (b, c, d) => (b & c) | (~b & d) },
  { order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15], shifts: [3, 5, 9, 13], constant: 0x5a827999, mix: (b, c, d) => (b & c) | (b & d) | (c & d) },
  { order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], shifts: [3, 9, 11, 15], constant: 0x6ed9eba1, mix: (b, c, d) => b ^ c ^ d },
]

function compress(state: State, words: Uint32Array): void {
  let [a, b, c, d] = state
  for (const { order, shifts, constant, mix } of rounds) {
    for (let step = 0; step < 16; step++) {
      const word = words[order[step] ?? 0] ?? 0
      const next = rotate((a + mix(b, c, d) + word + constant) | 0, shifts[step % 4] ?? 0)
      ;[a, b, c, d] = [d, next, b, c]
    }
  }
  state[0] = (state[0] + a) | 0
  state[1] = (state[1] + b) | 0
  state[2] = (state[2] + c) | 0
  state[3] = (state[3] + d) | 0
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function pad(message: Uint8Array): Buffer {
  const padded = Buffer.alloc((Math.floor((message.length + 8) / 64) + 1) * 64)
  padded.set(message)
  padded[message.length] = 0x80
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8)
  return padded
}
