// RC4, which Node's OpenSSL 3 has no longer. NTLM seals with it; one state runs through the whole life of a connection.

/** Encrypts or decrypts the next bytes of the stream (the same thing), into new memory. */
export type Rc4 = (data: Uint8Array) => Buffer

export function createRc4(key: Uint8Array): Rc4 {
  const state = schedule(key)
  let i = 0
  let j = 0
  return (data) => {
    const output = Buffer.allocUnsafe(data.length)
    for (let index = 0; index < data.length; index++) {
      i = (i + 1) & 255
      const a = state[i]! // 256 entries, and the index is masked
      j = (j + a) & 255
      const b = state[j]! // as above
      state[i] = b
      state[j] = a
      output[index] = data[index]! ^ state[(a + b) & 255]! // within both by the loop's bound and the mask
    }
    return output
  }
}

function schedule(key: Uint8Array): Uint8Array {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  let j = 0
  for (let i = 0; i < 256; i++) {
    const a = state[i]! // 256 entries
    j = (j + a + (key[i % key.length] ?? 0)) & 255
    state[i] = state[j]! // the index is masked
    state[j] = a
  }
  return state
}
