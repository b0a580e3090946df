import { raceAbort } from './abort.js'
import { CallScope } from './call-scope.js'
import { completeCapabilities, refuse } from './capabilities.js'
import type { Command, RunOptions, RunResult } from './connection.js'
import { dialDirect } from './dial.js'
import type { ExecRequest, FleetSession } from './driver.js'
import { TransportError } from './errors.js'
import { planExec } from './exec-plan.js'
import { textOf } from './exec-text.js'
import type { FleetOutcome } from './fleet-outcome.js'
import { contextOf } from './open-connection.js'
import { finishFailure } from './prepare.js'
import type { PreparedTarget } from './prepare.js'
import { RunCollector } from './run.js'
import { joinPosix } from './shell/quote-posix.js'
import { liveStdin, wholeStdin } from './stdin-source.js'

/** All targets of one driver that has a call for many machines. */
export class FleetGroup {
  readonly #targets: readonly PreparedTarget[]
  #session: Promise<FleetSession> | undefined

  /** Read when the first command is run: it may grow until then. */
  constructor(targets: readonly PreparedTarget[]) {
    this.#targets = targets
  }

  /** One command; `post` is called once for each machine as it ends. Never rejects. */
  async run(command: Command, options: RunOptions, signal: AbortSignal, post: (outcome: FleetOutcome) => void): Promise<void> {
    const label = typeof command === 'string' ? command : joinPosix(command)
    const [{ resolved: { core } } = missing()] = this.#targets
    const scope = new CallScope({ signal, timeout: options.timeout ?? core.commandTimeout, operation: 'run' })
    const running = new Map<string, RunCollector>()
    const settled = new Set<number>()
    const names = new Map<string, string>()
    const fail = (node: string, error: unknown, collector: RunCollector | undefined): void => {
      running.delete(node)
      const { redactor } = this.#targets[0] ?? missing()
      post({
        target: names.get(node) ?? node,
        error: finishFailure((collector ?? new RunCollector(label, options)).failed(error), 'run', names.get(node) ?? node, redactor),
      })
    }
    try {
      const session = await this.#open(scope.signal)
      for await (const answer of session.exec(await requestOf(session, command, options, scope))) {
        const { node, index } = answer
        settled.add(index)
        names.set(node, `${this.#targets[index]?.resolved.target.scheme ?? 'node'}://${node}`)
        const collector = running.get(node) ?? new RunCollector(label, { ...options, encoding: 'utf8' })
        running.set(node, collector)
        if ('error' in answer) fail(node, answer.error, collector)
        else {
          const excess = collector.add(answer.event)
          if (excess !== undefined) scope.stop(excess)
          if (answer.event.type === 'exit') {
            running.delete(node)
            post({ target: names.get(node) ?? node, result: collector.result() as RunResult }) // encoding is 'utf8'
          }
        }
      }
      for (const [node, collector] of running)
        fail(node, new TransportError('PROTOCOL_ERROR', 'The driver ended without an exit of this machine.'), collector)
    } catch (error) {
      const reason = scope.stopped ?? error
      for (const [node, collector] of [...running]) fail(node, reason, collector)
      for (const [index, { resolved, redactor }] of this.#targets.entries()) {
        if (!settled.has(index))
          post({
            target: resolved.display,
            error: finishFailure(new RunCollector(label, options).failed(reason), 'run', resolved.display, redactor),
          })
      }
    } finally {
      scope.end()
    }
  }

  async close(): Promise<void> {
    await this.#session?.then(
      (session) => session.close(),
      () => undefined,
    )
  }

  #open(signal: AbortSignal): Promise<FleetSession> {
    this.#session ??= this.#start(signal).catch((error: unknown) => {
      this.#session = undefined
      throw error
    })
    return this.#session
  }

  async #start(signal: AbortSignal): Promise<FleetSession> {
    const {
      driver,
      resolved: { core },
      redactor,
    } = this.#targets[0] ?? missing()
    const scope = new CallScope({ signal, timeout: core.connectTimeout, operation: 'connect' })
    try {
      const opening = Promise.resolve(
        driver.openFleet?.(this.#targets.map(({ resolved }) => resolved.options) as never, { // the table has checked them
          ...contextOf(core, dialDirect, redactor),
          signal: scope.signal,
          lost: () => undefined,
        }),
      ) // the table has checked them
      const session = await raceAbort(opening, scope.signal)
      return session ?? missing()
    } finally {
      scope.end()
    }
  }
}

/** The driver ends what is stopped: there is no second exec for many machines. */
async function requestOf(session: FleetSession, command: Command, options: RunOptions, scope: CallScope): Promise<ExecRequest> {
  const capabilities = { ...completeCapabilities(session.capabilities), kill: 'tree' } as const
  if ((options.sudo ?? false) !== false)
    refuse('fleet() runs a command on many machines at once only as the user that the transport gives.', 'Connect to each of them.', 'run-as')
  const shell = capabilities.shell === undefined ? undefined : { dialect: capabilities.shell, bourne: capabilities.shell === 'posix' }
  const { plan } = planExec({ what: textOf(command, capabilities.shell), options, elevation: undefined, shell, capabilities, newToken: () => '' })
  if (plan.stdin !== undefined && capabilities.stdin === 'none') refuse('This transport gives a command no stdin.')
  const stdin =
    plan.stdin === undefined
      ? undefined
      : capabilities.stdin === 'live'
        ? liveStdin(plan.stdin, scope)
        : await wholeStdin(plan.stdin, capabilities.limits.stdin, scope.signal)
  return {
    command: plan.command,
    stdin,
    env: plan.env,
    cwd: plan.cwd,
    pty: plan.pty,
    runAs: undefined,
    timeout: scope.remaining,
    signal: scope.signal,
  }
}

function missing(): never {
  throw new TypeError('A group of a fleet has no targets, or its driver no openFleet.')
}
