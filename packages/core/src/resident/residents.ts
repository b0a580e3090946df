import { settlesWithin } from '../abort.js'
import type { CallEvents } from '../call-events.js'
import type { Capabilities, Session } from '../driver.js'
import type { Gate } from '../gate.js'
import type { Shell } from '../shell-dialect.js'
import { commandFrame, commandLibrary, probeFrame } from './frame.js'
import { ResidentShell } from './resident-shell.js'

/** Input that a frame carries; more takes a process of its own. Bytes. */
export const maxFrameInput = 65_536

/** What the shells share with everything else on the session. */
interface Channel {
  readonly capabilities: Capabilities
  readonly gate: Gate
}

type Start = (stdin: AsyncIterable<Uint8Array>) => CallEvents

/**
 * A connection's resident shells: one for core's probes, one for the user's commands, so that nothing of the one reaches the other. Each is opened
 * when it is first wanted and a slot is free, and closes as soon as somebody waits for a slot.
 */
export class Residents {
  readonly #live: Channel
  readonly #start: Start
  readonly #newToken: () => string
  #probes: ResidentShell | undefined
  #commands: ResidentShell | undefined

  constructor(live: Channel, start: Start, newToken: () => string) {
    this.#live = live
    this.#start = start
    this.#newToken = newToken
    live.gate.onWait = live.gate.onLower = () => {
      this.#probes?.retire()
      this.#commands?.retire()
    }
  }

  /** For scripts that only read: a session whose `exec` is a frame. `library`: a constant script, told once. Undefined: take a fresh exec. */
  probes(shell: Shell, library: string): Session | undefined {
    const resident = (this.#probes = this.#open(this.#probes, shell))
    if (resident === undefined) return undefined
    return session((request) => resident.run((id) => tell(resident, library) + probeFrame(id, request.command), 'stdout'))
  }

  /** For the user's commands; `program` reads their text. */
  commands(shell: Shell, program: string): Session | undefined {
    const resident = (this.#commands = this.#open(this.#commands, shell))
    if (resident === undefined) return undefined
    return session(async function* run({ command, stdin }) {
      const input: Uint8Array[] = []
      for await (const chunk of stdin ?? []) input.push(chunk)
      yield* resident.run((id) => tell(resident, commandLibrary) + commandFrame(id, program, command, Buffer.concat(input)), 'both')
    })
  }

  /** Ends the probes' shell under a probe that hangs; those behind it have not run, and are taken elsewhere. */
  async killProbes(): Promise<boolean> {
    await this.#probes?.kill()
    return true
  }

  /** Ends both; what still runs is left to the connection's own end. */
  async close(): Promise<void> {
    const shells = [this.#probes, this.#commands].filter((shell) => shell !== undefined)
    for (const shell of shells) shell.retire()
    await Promise.all(shells.filter(({ isIdle }) => isIdle).map(({ done }) => settlesWithin(done, 1_000)))
  }

  #open(current: ResidentShell | undefined, shell: Shell): ResidentShell | undefined {
    if (current?.isUsable === true) return current
    const { capabilities, gate } = this.#live
    const isPossible = shell.dialect === 'posix' && capabilities.stdin === 'live' && capabilities.stderr && capabilities.streaming && capabilities.binary
    if (!isPossible || gate.limit < 2 || gate.inFlight >= gate.limit) return undefined
    return new ResidentShell(this.#newToken(), this.#start)
  }
}

function tell(resident: ResidentShell, library: string): string {
  if (library === '' || resident.libraries.has(library)) return ''
  resident.libraries.add(library)
  return `${library}\n`
}

function session(exec: Session['exec']): Session {
  return { exec, close: () => Promise.resolve() }
}
