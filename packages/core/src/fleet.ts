import type { ConnectOptions } from './connect.js'
import { connectPrepared, prepareUrl } from './connect.js'
import type { Command, Connection, RunOptions } from './connection.js'
import { wrapDriverError } from './driver-error.js'
import { Gate } from './gate.js'
import type { TransportError } from './errors.js'
import { FleetGroup } from './fleet-group.js'
import type { FleetOutcome } from './fleet-outcome.js'
import { Mailbox } from './mailbox.js'
import type { PreparedTarget } from './prepare.js'

/** Options of `fleet`: those of `connect` and of the transport, for every target, and a bound. */
export type FleetOptions = ConnectOptions & { readonly concurrency?: number | undefined } & Readonly<Record<string, unknown>>

export interface Fleet extends AsyncDisposable {
  /** Runs a command on every machine; outcomes come as they end. One bad machine never stops the rest. `break` stops what still runs. */
  run(command: Command, options?: Omit<RunOptions, 'encoding'>): AsyncIterable<FleetOutcome>
  /** Closes every connection. */
  close(): Promise<void>
}

/** Machines at once, where nothing else is said. */
const defaultConcurrency = 50

type Member =
  | { readonly display: string; readonly open: () => Promise<Connection> }
  | { readonly group: FleetGroup }
  | { readonly display: string; readonly error: TransportError }

/**
 * Many machines, one command. Targets are opened when the first command is run, `concurrency` at a time (default 50), and stay open until
 * `close()`. A transport with a call for many machines (`openFleet`, as AWS Systems Manager has) is given all its targets at once, and then one
 * target may name many machines.
 */
export function fleet(targets: readonly (string | URL)[], options: FleetOptions = {}): Fleet {
  const { concurrency = defaultConcurrency, ...given } = options
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new RangeError('concurrency is a number of machines, at least 1.')
  const gate = new Gate(concurrency)
  const opened = new Map<string, Promise<Connection>>()
  let members: Promise<readonly Member[]> | undefined

  async function runOne(
    display: string,
    open: () => Promise<Connection>,
    command: Command,
    runOptions: RunOptions,
    signal: AbortSignal,
  ): Promise<FleetOutcome> {
    try {
      const release = await gate.acquire(signal)
      try {
        const host = await open()
        return { target: display, result: await host.run(command, { ...runOptions, encoding: 'utf8', signal }) }
      } finally {
        release()
      }
    } catch (error) {
      return { target: display, error: wrapDriverError(error) }
    }
  }

  async function* run(command: Command, runOptions: RunOptions = {}): AsyncGenerator<FleetOutcome, void, undefined> {
    const stop = new AbortController()
    const onAbort = (): void => {
      stop.abort(runOptions.signal?.reason)
    }
    runOptions.signal?.addEventListener('abort', onAbort, { once: true })
    if (runOptions.signal?.aborted === true) onAbort()
    try {
      const mailbox = new Mailbox<FleetOutcome>()
      const work = (await (members ??= gather(targets, given, opened))).map(async (member) => {
        if ('error' in member) mailbox.post({ target: member.display, error: member.error })
        else if ('group' in member)
          await member.group.run(command, runOptions, stop.signal, (outcome) => {
            mailbox.post(outcome)
          })
        else mailbox.post(await runOne(member.display, member.open, command, runOptions, stop.signal))
      })
      void Promise.all(work).then(() => {
        mailbox.end()
      })
      yield* mailbox
    } finally {
      runOptions.signal?.removeEventListener('abort', onAbort)
      stop.abort(new DOMException('Nobody reads these outcomes any more.', 'AbortError'))
    }
  }

  async function close(): Promise<void> {
    const groups = members === undefined ? [] : (await members).flatMap((member) => ('group' in member ? [member.group] : []))
    await Promise.allSettled([...[...opened.values()].map(async (host) => (await host).close()), ...groups.map((group) => group.close())])
  }

  return { run, close, [Symbol.asyncDispose]: close }
}

/** Prepares every target: those of a driver with `openFleet` go to it together. */
async function gather(targets: readonly (string | URL)[], given: object, opened: Map<string, Promise<Connection>>): Promise<readonly Member[]> {
  const members: Member[] = []
  const groups = new Map<unknown, PreparedTarget[]>()
  for (const [index, url] of targets.entries()) {
    try {
      const prepared = await prepareUrl(url, given)
      const display = prepared.resolved.display
      if (prepared.driver.openFleet !== undefined) {
        const group = groups.get(prepared.driver) ?? []
        if (group.length === 0) {
          groups.set(prepared.driver, group)
          members.push({ group: new FleetGroup(group) })
        }
        group.push(prepared)
        continue
      }
      const open = (): Promise<Connection> => {
        const key = String(index)
        const known = opened.get(key)
        if (known !== undefined) return known
        const opening = connectPrepared(prepared)
        opened.set(key, opening)
        // A machine that could not be reached is tried again by the next command.
        opening.catch(() => {
          opened.delete(key)
        })
        return opening
      }
      members.push({ display, open })
    } catch (error) {
      const failure = wrapDriverError(error, 'INVALID_TARGET')
      members.push({ display: failure.target ?? `target ${String(index)}`, error: failure })
    }
  }
  return members
}
