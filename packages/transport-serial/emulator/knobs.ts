import type { NoiseKnobs } from './noise.js'

export interface EmulatorKnobs extends NoiseKnobs {
  /** Bits a second of the line, ten of them to a byte; default: as fast as it goes. */
  readonly baudRate?: number
  /** What a wrong baud rate shows: every byte that arrives is another one. */
  readonly garbled?: boolean
  /** The shell; default: sh. */
  readonly shell?: string
  /** The console asks for a login first. */
  readonly login?: { readonly user: string; readonly password: string }
  /** False: the console's terminal does not echo at the start. Default true. */
  readonly echo?: boolean
  /** A kernel message in the middle of everything, after each so many bytes of output. */
  readonly chatterEvery?: number
  /** One shell for all connections, as on a real line: what runs goes on when a client leaves. Default: a shell for each. */
  readonly shared?: boolean
  /** Of the damage; default 1. */
  readonly seed?: number
}
