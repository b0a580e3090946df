// One command from SendCommand to its terminal status, whatever happens in between.
import { TransportError } from '@train-ts/core'
import { raceAbort, settleWithin } from './abort.js'
import type { Clock, CommandRequest, Invocation, RunCommandApi } from './aws.js'
import type { CommandLimits } from './poll.js'
import { pollDelay, schedule } from './poll.js'

export interface RunCommandParts {
  readonly api: RunCommandApi
  /** The node's id. */
  readonly id: string
  readonly clock: Clock
  /** Work that outlives its call, such as a cancel: `close` waits for it. */
  readonly background: Set<Promise<unknown>>
}

/** How long a stopped call waits for its CancelCommand. Core waits five seconds for the far side in all. */
const cancelPatience = 2_000

/**
 * Sends `text` and waits for the end. Rejects where the end stays unknown; then the command has been cancelled, as far as that can be told.
 */
export async function runCommand(parts: RunCommandParts, text: string, limits: CommandLimits, comment: string, signal: AbortSignal): Promise<Invocation> {
  signal.throwIfAborted()
  const request: CommandRequest = { text, deliverySeconds: limits.deliverySeconds, executionSeconds: limits.executionSeconds, comment }
  const sending = parts.api.send(parts.id, request, signal)
  let accepted = false
  try {
    const commandId = await raceAbort(sending, signal)
    accepted = true
    return await waitForEnd(parts, commandId, limits, signal)
  } catch (error) {
    // What was refused has no command to cancel; what is under way gets its id first, then it is cancelled.
    if (accepted || signal.aborted) await settleWithin(keep(parts.background, cancel(parts, sending)), cancelPatience)
    throw error
  }
}

async function waitForEnd({ api, id, clock }: RunCommandParts, commandId: string, limits: CommandLimits, signal: AbortSignal): Promise<Invocation> {
  const started = clock.now()
  let visible = false
  for (let attempt = 0; ; attempt++) {
    await clock.pause(pollDelay(attempt, clock.random()), signal)
    const invocation = await api.invocation(id, commandId, signal)
    visible ||= invocation !== undefined
    if (invocation !== undefined && isTerminal(invocation)) return invocation
    const elapsed = clock.now() - started
    if (!visible && elapsed > schedule.invisible) {
      throw new TransportError('CONNECTION_LOST', `Systems Manager accepted the command ${commandId} and does not know it ${String(Math.round(elapsed / 1000))} seconds later.`, { details: { reason: 'invisible' } })
    }
    if (elapsed > limits.deadline) {
      throw new TransportError('TIMEOUT', `The command ${commandId} has no result after ${String(Math.round(elapsed / 1000))} seconds.`, {
        hint: 'The agent of this node may be stuck: look at the command in the console, or restart amazon-ssm-agent.',
        details: { phase: 'run', timeout: limits.deadline, reason: 'no-answer' },
      })
    }
  }
}

const terminal: ReadonlySet<string> = new Set(['success', 'cancelled', 'timedout', 'failed'])

export function isTerminal({ status }: { readonly status: string }): boolean {
  return terminal.has(plain(status))
}

/** The documents print "Execution Timed Out", the API gives ExecutionTimedOut. */
export function plain(status: string): string {
  return status.replace(/[\s_-]/g, '').toLowerCase()
}

async function cancel({ api, id }: RunCommandParts, sending: Promise<string>): Promise<void> {
  const commandId = await sending
  await api.cancel(id, commandId, AbortSignal.timeout(10_000))
}

/** Remembers work until it has settled; its failure is nobody's. */
export function keep(background: Set<Promise<unknown>>, work: Promise<unknown>): Promise<unknown> {
  const settled = work.catch(() => undefined).finally(() => background.delete(settled))
  background.add(settled)
  return settled
}
