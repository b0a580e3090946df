// RFC 854, as far as a shell needs it: options are negotiated out of the bytes, the rest is data. Pure.

const IAC = 255
const [DONT, DO, WONT, WILL, SB, SE] = [254, 253, 252, 251, 250, 240]
const [ECHO, SUPPRESS_GO_AHEAD] = [1, 3]
const accepted = new Set([ECHO, SUPPRESS_GO_AHEAD])

export interface Decoded {
  /** What the far side wrote. */
  readonly data: Buffer
  /** What has to be answered. */
  readonly reply: Buffer
}

/** Reads what arrives, wherever it is cut. Each option is answered once: two ends that answer answers never stop. */
export class TelnetDecoder {
  #state: 'data' | 'command' | 'option' | 'sub' | 'sub-command' | 'cr' = 'data'
  #command = 0
  readonly #answered = new Set<string>()

  push(bytes: Uint8Array): Decoded {
    const data: number[] = []
    const reply: number[] = []
    for (const byte of bytes) this.#byte(byte, data, reply)
    return { data: Buffer.from(data), reply: Buffer.from(reply) }
  }

  #byte(byte: number, data: number[], reply: number[]): void {
    switch (this.#state) {
      case 'data': case 'cr':
        // CR NUL is a bare CR.
        if (this.#state === 'cr' && byte === 0) this.#state = 'data'
        else if (byte === IAC) this.#state = 'command'
        else {
          data.push(byte)
          this.#state = byte === 13 ? 'cr' : 'data'
        }
        return
      case 'command':
        this.#state = byte === SB ? 'sub' : byte >= WILL && byte <= DONT ? 'option' : 'data'
        this.#command = byte
        if (byte === IAC) data.push(IAC)
        return
      case 'option':
        this.#state = 'data'
        reply.push(...this.#answer(this.#command, byte))
        return
      case 'sub': if (byte === IAC) this.#state = 'sub-command'; return
      case 'sub-command': this.#state = byte === SE ? 'data' : 'sub'
    }
  }

  #answer(command: number, option: number): readonly number[] {
    const key = `${String(command)} ${String(option)}`
    if (this.#answered.has(key)) return []
    this.#answered.add(key)
    if (command === WILL) return [IAC, accepted.has(option) ? DO : DONT, option]
    if (command === DO) return [IAC, option === SUPPRESS_GO_AHEAD ? WILL : WONT, option]
    return []
  }
}

/** Data as it travels: 255 is doubled, a CR is followed by NUL. */
export function encodeTelnet(data: Uint8Array): Buffer {
  const bytes: number[] = []
  for (const byte of data) {
    bytes.push(byte)
    if (byte === IAC) bytes.push(IAC)
    if (byte === 13) bytes.push(0)
  }
  return Buffer.from(bytes)
}
