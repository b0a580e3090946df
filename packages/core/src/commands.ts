import { raceAbort } from './abort.js'
import { askShell, endFarSide, nothingElse, through } from './ask-far-side.js'
import type { CallEvents } from './call-events.js'
import { CallScope } from './call-scope.js'
import type { Command, ExecOptions, Sudo } from './connection.js'
import type { Capabilities, ExecEvent } from './driver.js'
import { isTransportError, TransportError } from './errors.js'
import { checkOptions, needsShell, planExec } from './exec-plan.js'
import type { Prepared } from './prepared-exec.js'
import { textOf } from './exec-text.js'
import { execute, killTimeout } from './executor.js'
import { Gate } from './gate.js'
import { killScript } from './kill.js'
import { elevationOf } from './privileges/elevation.js'
import type { Elevation, ElevationDefaults } from './privileges/elevation.js'
import { planResident } from './resident/plan.js'
import { maxFrameInput, Residents } from './resident/residents.js'
import type { LiveSession, SessionSource } from './session-source.js'
import type { Shell } from './shell-dialect.js'
import type { Report } from './shell/marker.js'

export interface CommandsOptions {
  readonly source: SessionSource
  /** Fresh random hex digits: marks a command's own line and its processes. */
  readonly newToken: () => string
  /** Milliseconds for each call, where the call gives none. */
  readonly commandTimeout: number | undefined
  /** The connection's own `sudo`. */
  readonly elevation: ElevationDefaults
  readonly loginShell: boolean
  readonly reuseShell: boolean
}

/** A call's limits, and what it is called in errors. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly operation: string
}

/** A text of core's own; `probe` is the same script for the resident shell, where it may go there. */
export interface CoreText {
  readonly text: string
  readonly stdin: ExecOptions['stdin']
  readonly probe?: { readonly library: string; readonly script: string } | undefined
}

/** Makes a call's plan; `isFresh`: not through a resident shell. */
type Planner = (live: LiveSession, scope: CallScope, isFresh: boolean) => Promise<Prepared>

/** Turns calls into execs on the session: asks for the far shell when it must, and ends what is stopped. */
export class Commands {
  readonly #options: CommandsOptions

  constructor(options: CommandsOptions) {
    this.#options = options
  }

  /** The user's command. */
  events(command: Command, options: ExecOptions, operation: string): CallEvents {
    return this.call({ signal: options.signal, timeout: options.timeout, operation }, async (live, scope, isFresh) => {
      const { capabilities } = live
      const elevation = this.elevationOf(options.sudo)
      const reuse = !isFresh && (options.reuseShell ?? this.#options.reuseShell)
      const shell = reuse || needsShell(command, options, elevation, capabilities) ? await this.#shellOf(live, scope) : undefined
      const input = {
        what: textOf(command, shell?.dialect),
        options: { loginShell: this.#options.loginShell, ...options },
        elevation,
        shell,
        capabilities,
        newToken: this.#options.newToken,
      }
      checkOptions(options)
      return (reuse ? planResident(input, this.#residents(live)) : undefined) ?? planExec(input)
    })
  }

  /** A text of core's own, for `sh`. */
  textEvents(make: (live: LiveSession, shell: Shell) => CoreText, options: CallOptions & { readonly sudo?: boolean | Sudo | undefined }): CallEvents {
    return this.call(options, async (live, scope, isFresh) => {
      const shell = await this.#shellOf(live, scope)
      const { text, stdin, probe } = make(live, shell)
      if (probe !== undefined && !isFresh) {
        const residents = this.#residents(live)
        const session = residents.probes(shell, probe.library)
        if (session !== undefined)
          return { plan: { ...nothingElse, command: probe.script }, resident: { session, kill: () => residents.killProbes() } }
      }
      const elevation = this.elevationOf(options.sudo)
      return planExec({
        what: { text, language: 'sh' },
        options: { stdin },
        elevation,
        shell,
        capabilities: live.capabilities,
        newToken: this.#options.newToken,
      })
    })
  }

  /** How a call with this `sudo` becomes another user; undefined: not at all. */
  elevationOf(sudo: boolean | Sudo | undefined): Elevation | undefined {
    return elevationOf(sudo, this.#options.elevation)
  }

  /** The far shell, asked once per session. */
  async shell(options: CallOptions): Promise<Shell> {
    const { live } = this.#options.source
    const scope = new CallScope(options)
    live.calls.add(scope)
    try {
      return await this.#shellOf(live, scope)
    } finally {
      live.calls.delete(scope)
      scope.end()
    }
  }

  /** One call from its plan to its end; `stop()` of the scope, or leaving early, ends the far side. */
  call(options: CallOptions, plan: Planner): CallEvents {
    const { source, commandTimeout } = this.#options
    let scope: CallScope | undefined
    let isLeft = false
    const send = (live: LiveSession, own: CallScope): AsyncGenerator<ExecEvent, void, undefined> => this.#send(live, own, plan)
    async function* run(): AsyncGenerator<ExecEvent, void, undefined> {
      const { live } = source
      scope = new CallScope({ ...options, timeout: options.timeout ?? commandTimeout })
      live.calls.add(scope)
      try {
        scope.signal.throwIfAborted()
        yield* send(live, scope)
      } catch (error) {
        if (!isLeft) throw error
      } finally {
        live.calls.delete(scope)
        scope.end()
      }
    }
    const generator = run()
    const stop = (error: TransportError): void => {
      scope?.stop(error)
    }
    const leave = (): void => {
      isLeft = true
      stop(new TransportError('ABORTED', 'Nobody reads this output any more.'))
    }
    // return() cannot interrupt a generator that waits for output: the call's own signal can.
    return {
      stop,
      next: () => generator.next(),
      return: async () => {
        leave()
        return generator.return()
      },
      throw: async (error: unknown) => {
        leave()
        return generator.throw(error)
      },
      [Symbol.asyncIterator]() {
        return this
      },
      [Symbol.asyncDispose]: async () => {
        leave()
        await generator.return()
      },
    }
  }

  async *#send(live: LiveSession, scope: CallScope, plan: Planner): AsyncGenerator<ExecEvent, void, undefined> {
    const prepared = await plan(live, scope, false)
    if (prepared.resident !== undefined) {
      if (yield* this.#inResident(live, prepared, prepared.resident, scope)) return
      yield* this.#fresh(live, await plan(live, scope, true), scope)
    } else yield* this.#fresh(live, prepared, scope)
  }

  #fresh(live: LiveSession, { plan, dialogue, elevation }: Prepared, scope: CallScope): AsyncGenerator<ExecEvent, void, undefined> {
    const events = execute({ ...live, kill: (report, token) => this.#kill(live, report, token, elevation) }, plan, scope)
    return dialogue === undefined ? events : through(events, dialogue)
  }

  /** Returns false when the resident shell has ended before this ran: it may run elsewhere. */
  async *#inResident(
    live: LiveSession,
    { plan }: Prepared,
    { session, kill }: NonNullable<Prepared['resident']>,
    scope: CallScope,
  ): AsyncGenerator<ExecEvent, boolean, undefined> {
    const capabilities: Capabilities = {
      ...live.capabilities,
      kill: kill === undefined ? 'none' : 'tree',
      stdin: 'whole',
      limits: { ...live.capabilities.limits, command: Infinity, stdin: maxFrameInput },
    }
    try {
      yield* execute(
        { session, capabilities, gate: new Gate(Infinity), kill: (report, token) => this.#kill(live, report, token, undefined) },
        plan,
        scope,
      )
      return true
    } catch (error) {
      if (scope.stopped === undefined && isTransportError(error, 'BUSY')) return false
      if (kill !== undefined) void kill()
      throw error
    }
  }

  #residents(live: LiveSession): Residents {
    return (live.residents ??= new Residents(live, (stdin) => this.#open(stdin), this.#options.newToken))
  }

  /** The channel of a resident shell. Its commands have timeouts of their own. */
  #open(stdin: AsyncIterable<Uint8Array>): CallEvents {
    return this.call({ operation: 'resident shell', timeout: Infinity }, async (live, scope) => {
      const shell = await this.#shellOf(live, scope)
      return planExec({
        what: { text: 'exec sh -s', language: 'sh' },
        options: { stdin },
        elevation: undefined,
        shell,
        capabilities: live.capabilities,
        newToken: this.#options.newToken,
      })
    })
  }

  /** Asks when nobody has; a question that failed is asked again by the next call. It belongs to no call, so that none can end it for the others. */
  async #shellOf(live: LiveSession, scope: CallScope): Promise<Shell> {
    const declared = live.capabilities.shell
    if (declared !== undefined) return { dialect: declared, bourne: declared === 'posix' }
    live.shell ??= askShell(live).then(
      (shell) => (live.knownShell = shell),
      (error: unknown) => {
        live.shell = undefined
        throw error
      },
    )
    return raceAbort(live.shell, scope.signal)
  }

  /** The second exec, which ends the first. It has five seconds, and a signal of its own: the first one's has gone off. */
  async #kill(live: LiveSession, report: Report | undefined, token: string, elevation: Elevation | undefined): Promise<boolean> {
    if (report !== undefined && 'failed' in report) return true
    const scope = new CallScope({ timeout: killTimeout, operation: 'kill' })
    try {
      const shell = await this.#shellOf(live, scope)
      return await endFarSide(live, shell, killScript(report?.started, token), elevation, scope, this.#options.newToken)
    } catch {
      return false
    } finally {
      scope.end()
    }
  }
}
