// What the parts of a session know together about the connection under them.
import type { Client } from 'ssh2'
import { TransportError } from '@train-ts/core'
import { lostError } from './errors.js'
import type { SpareChannels } from './spare.js'

export interface Link {
  readonly client: Client
  /** Closed by its owner. */
  closing: boolean
  /** The socket is gone. */
  dead: boolean
  readonly lastError: () => unknown
  /** Sent along with each command, for a server that takes it. */
  readonly environment: readonly (readonly [string, string])[]
  readonly forwardAgent: boolean
  readonly user: string
  /** host:port */
  readonly where: string
  /** When a channel was last closed, in milliseconds of performance.now(): the server counts it for a while yet. */
  lastClosed: number
  readonly spares: SpareChannels
  /** Commands, shells and subsystems on the server now. */
  running: number
  /** A command has said something, so that the server lets us do something. */
  heard: boolean
}

/** Why a channel ended without its outcome; undefined while the connection lives. */
export function failureOf(link: Link, what: string): TransportError | undefined {
  if (link.closing) return new TransportError('CONNECTION_CLOSED', `The SSH connection was closed ${what}.`)
  if (link.dead) return lostError(what, link.lastError() ?? new Error('the far side closed the connection'))
  return undefined
}
