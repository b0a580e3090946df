// Bytes in text, for transports that do not carry any byte. Pure and incremental: what is left of a group waits for the next call.

/** r: as it is; b: base64; x: hexadecimal. Whatever else stands between the digits (line ends of a terminal) is skipped. */
export type Armour = 'r' | 'b' | 'x'

export function createArmourDecoder(armour: Armour): (data: Uint8Array) => Uint8Array {
  if (armour === 'r') return (data) => data
  const [foreign, group, encoding] = armour === 'b' ? ([/[^A-Za-z0-9+/=]+/g, 4, 'base64'] as const) : ([/[^0-9A-Fa-f]+/g, 2, 'hex'] as const)
  let rest = ''
  return (data) => {
    const text = rest + Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1').replace(foreign, '')
    const whole = text.length - (text.length % group)
    rest = text.slice(whole)
    return Buffer.from(text.slice(0, whole), encoding)
  }
}
