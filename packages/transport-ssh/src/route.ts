// How the bytes get to the server: directly, through jump hosts, or through a program.
import type { Duplex } from 'node:stream'
import { TransportError } from '@train-ts/core'
import type { Address, CallContext, OpenContext } from '@train-ts/core'
import type { SshOptions } from './options.js'
import { openProgram } from './process-stream.js'
import type { Settings } from './settings.js'

/** What a hop is to the next one. */
export interface Hop {
  readonly forward: (to: Address, context: CallContext) => Promise<Duplex>
  close(): Promise<void>
}

/** Opens one hop. `dial` reaches it; `depth` counts the hops behind it, so that a circle of jump hosts ends. */
export type OpenHop = (options: Readonly<SshOptions>, context: OpenContext, depth: number) => Promise<Hop>

export interface Route {
  readonly stream: Duplex
  /** Closes what lies between, when the stream is done with. */
  close(): Promise<void>
}

const longestRoute = 8

export async function reach(options: Readonly<SshOptions>, settings: Settings, context: OpenContext, openHop: OpenHop, depth: number): Promise<Route> {
  const { hostName, port, jumps, proxyCommand } = settings
  if (proxyCommand !== undefined) return { stream: openProgram(proxyCommand), close: () => Promise.resolve() }
  if (jumps.length === 0) return { stream: await context.dial(hostName, port, context), close: () => Promise.resolve() }
  if (depth >= longestRoute) throw new TransportError('INVALID_OPTIONS', 'The jump hosts of ssh_config lead in a circle.', { details: { option: 'proxyJump' } })

  const hops: Hop[] = []
  const close = async (): Promise<void> => {
    for (const hop of hops.reverse()) await hop.close()
  }
  try {
    let dial: OpenContext['dial'] = (host, hopPort, call) => context.dial(host, hopPort, call)
    for (const [index, jump] of jumps.entries()) {
      const through = dial
      // Only the first hop has a way of its own to be reached; the others are reached through it.
      const hop = await openHop(hopOptions(options, jump, index > 0), { ...context, dial: through, lost: () => undefined }, depth + 1)
      hops.push(hop)
      dial = (host, hopPort, call) => hop.forward({ host, port: hopPort }, call)
    }
    return { stream: await dial(hostName, port, context), close }
  } catch (cause) {
    await close()
    throw cause
  }
}

/** A hop has its own entry in ssh_config. It may use the same keys, but the password and the pinned key belong to the target alone. */
function hopOptions(options: Readonly<SshOptions>, jump: Settings['jumps'][number], direct: boolean): SshOptions {
  return {
    ...options,
    host: jump.host,
    user: jump.user,
    port: jump.port,
    password: undefined,
    hostKeyFingerprint: undefined,
    hostKeyAlias: undefined,
    proxyJump: direct ? ['none'] : undefined,
    proxyCommand: undefined,
    bastionHost: undefined,
    bastionUser: undefined,
    bastionPort: undefined,
    forwardAgent: false,
    connectionRetries: 0,
    pty: false,
  }
}
