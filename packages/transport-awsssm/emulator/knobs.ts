// What a test, or a user who tries something out, may set.

/** A managed node. The default is one Linux node, online, `i-0123456789abcdef0`. */
export interface NodeKnobs {
  readonly id: string
  readonly platformType?: 'Linux' | 'MacOS' | 'Windows'
  readonly platformName?: string
  readonly platformVersion?: string
  readonly ping?: 'Online' | 'ConnectionLost' | 'Inactive'
  /** 'silent': online for the service, but no command is ever picked up. */
  readonly agent?: 'answers' | 'silent'
  readonly tags?: { readonly [name: string]: string }
  readonly name?: string
  readonly ipAddress?: string
}

export interface Call {
  readonly operation: string
  /** How many of this operation came before, from 0. */
  readonly index: number
  readonly input: Readonly<Record<string, unknown>>
}

/** 'lose-answer': the request is carried out, then the connection is reset. */
export type Fault = 'throttle' | 'reset' | 'lose-answer' | 'silence' | 'server-error' | { readonly error: string; readonly message?: string } | { readonly delay: number }

/** What happens to a frame between client and agent. 'delay' lets the next ones overtake it. 'cut' ends the connection. */
export type FrameFault = 'lose' | 'repeat' | 'corrupt' | 'delay' | 'cut'

/** Milliseconds, drawn evenly from [least, most] by the seeded generator. */
export type Spread = readonly [least: number, most: number]

export interface EmulatorKnobs {
  readonly nodes?: readonly NodeKnobs[]
  readonly region?: string
  readonly seed?: number
  /** Between SendCommand and the start on the node. Default [30, 150]. */
  readonly pickUp?: Spread
  /** Until the API sees a new command: InvocationDoesNotExist before. Default [0, 40]. */
  readonly visible?: Spread
  /** Between the end on the node and a terminal status in the API. Default [10, 40]. */
  readonly publish?: Spread
  /** Of each request. Default [0, 0]. */
  readonly latency?: Spread
  /** Requests per second, beyond which they are throttled. Default: no limit. */
  readonly rate?: number
  /** IAM actions that are denied, such as 'ssm:SendCommand'. */
  readonly deny?: readonly string[]
  /** Multiplies the service's and the agent's own timeouts, so that a test need not wait for them. Default 1. */
  readonly timeScale?: number
  /** What `{{ssm:name}}` stands for; anything else fails the command. */
  readonly parameters?: { readonly [name: string]: string }
  /** Asked for each request before it is carried out. */
  readonly fault?: (call: Call) => Fault | undefined
  /** Milliseconds until a session's terminal is up. Default 30; the real agent takes a second. */
  readonly terminalDelay?: number
  /** Encrypts sessions with a key of this name. */
  readonly kmsKeyId?: string
  /** Asked for each frame of a session. */
  readonly frameFault?: (frame: { readonly to: 'client' | 'agent'; readonly index: number }) => FrameFault | undefined
}

export const defaultNode: NodeKnobs = { id: 'i-0123456789abcdef0', platformType: 'Linux', platformName: 'Amazon Linux', platformVersion: '2023' }

/** mulberry32: small, seeded, good enough to spread latencies. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function draw([least, most]: Spread, random: () => number): number {
  return least + (most - least) * random()
}
