import { raceAbort, settlesWithin } from './abort.js'
import type { CallScope } from './call-scope.js'
import { wrapDriverError } from './driver-error.js'
import type { Capabilities, ExecEvent, ExecRequest, Session, Terminal } from './driver.js'
import { isTransportError, TransportError, withAdditions } from './errors.js'
import type { Gate } from './gate.js'
import type { Secret } from './secret.js'
import type { Report } from './shell/marker.js'
import { MarkerFilter } from './shell/marker.js'
import { liveStdin, wholeStdin } from './stdin-source.js'
import type { StdinSource } from './stdin-source.js'

/** One exec, ready to be sent: everything that core adds is in `command`. */
export interface ExecPlan {
  readonly command: string
  readonly stdin: StdinSource | undefined
  readonly env: ReadonlyMap<string, string | Secret> | undefined
  readonly cwd: string | undefined
  readonly runAs: ExecRequest['runAs']
  readonly pty: Terminal | undefined
  /** The marked line that core's wrapper prints first, to be stripped; undefined where the driver kills. */
  readonly mark: { readonly token: string; readonly stream: 'stdout' | 'stderr'; readonly cwd: string | undefined } | undefined
  /** To the head of the queue: an exec that ends another one. */
  readonly first?: boolean
}

export interface ExecutorContext {
  readonly session: Session
  readonly capabilities: Capabilities
  readonly gate: Gate
  /** Ends the far side of a stopped command by a second exec; true when all of it is gone. */
  kill(report: Report | undefined, token: string): Promise<boolean>
}

/** How long core waits for the far side to be gone. Milliseconds. */
export const killTimeout = 5_000

/**
 * Runs one exec through the gate and yields the command's events, with core's marked line taken out. It throws only where the outcome is
 * unknown, and then the far side has been stopped, or five seconds have passed: `details.killed` says which. Leaving it early is a stop too.
 */
export async function* execute(context: ExecutorContext, plan: ExecPlan, scope: CallScope): AsyncGenerator<ExecEvent, void, undefined> {
  checkPlan(plan, context.capabilities)
  const stdin = await stdinOf(plan, context.capabilities, scope)
  const request: ExecRequest = {
    command: plan.command,
    stdin,
    env: plan.env,
    cwd: plan.cwd,
    pty: plan.pty,
    runAs: plan.runAs,
    timeout: scope.remaining,
    signal: scope.signal,
  }
  for (;;) {
    const release = await context.gate.acquire(scope.signal, { first: plan.first === true })
    try {
      yield* attempt(context, plan, { ...request, timeout: scope.remaining }, scope, release)
      return
    } catch (error) {
      // A refused channel: nothing was sent, so the same request may go again once another one has ended.
      if (!isTransportError(error, 'BUSY') || context.gate.inFlight <= 1) throw error
      context.gate.lower()
      plan = { ...plan, first: true }
    } finally {
      release()
    }
  }
}

async function* attempt(
  context: ExecutorContext,
  plan: ExecPlan,
  request: ExecRequest,
  scope: CallScope,
  release: () => void,
): AsyncGenerator<ExecEvent, void, undefined> {
  const filter = plan.mark === undefined ? undefined : new MarkerFilter(plan.mark.token)
  const iterator = context.session.exec(request)[Symbol.asyncIterator]()
  let pending: Promise<IteratorResult<ExecEvent>> | undefined
  let state: 'running' | 'exited' | 'failed' | 'ended' = 'running'
  let seen = false
  try {
    for (;;) {
      pending = iterator.next()
      const step = await raceAbort(pending, scope.signal)
      pending = undefined
      if (step.done === true) break
      if (state === 'exited') throw new TransportError('PROTOCOL_ERROR', `The driver gave '${step.value.type}' after the exit.`)
      seen = true
      if (step.value.type !== 'exit') {
        const event = filtered(step.value, plan, filter)
        if (event !== undefined) yield event
        continue
      }
      if (filter?.report !== undefined && 'failed' in filter.report) throw directoryMissing(plan.mark?.cwd)
      const rest = filter?.flush()
      if (rest !== undefined && rest.byteLength > 0 && plan.mark !== undefined) yield { type: plan.mark.stream, data: rest }
      state = 'exited'
      yield step.value
    }
    if (state === 'running') throw new TransportError('PROTOCOL_ERROR', 'The driver ended its output without an exit.')
    state = 'ended'
  } catch (error) {
    if (state === 'exited' && scope.signal.aborted) return
    const wrapped = scope.stopped ?? (seen ? lateBusy(wrapDriverError(error)) : wrapDriverError(error))
    if (wrapped.code === 'BUSY') state = 'failed'
    const settled = state === 'failed' || state === 'exited' || (filter?.report !== undefined && 'failed' in filter.report)
    const killed = settled ? undefined : await stop(context, plan, scope, iterator, pending, filter, release, wrapped)
    state = 'failed'
    throw killed === undefined ? wrapped : withAdditions(wrapped, { details: { killed } })
  } finally {
    // Still running here: the consumer left its loop.
    if (state === 'running')
      await stop(context, plan, scope, iterator, pending, filter, release, new TransportError('ABORTED', 'Nobody reads this output any more.'))
    // What the generator holds goes back now, not when it is collected as garbage.
    if (state !== 'ended') leave(iterator)
  }
}

/** Stops the driver and then the far side. Returns whether all of it is known to be gone. */
async function stop(
  context: ExecutorContext,
  plan: ExecPlan,
  scope: CallScope,
  iterator: AsyncIterator<ExecEvent>,
  pending: Promise<unknown> | undefined,
  filter: MarkerFilter | undefined,
  release: () => void,
  reason: TransportError,
): Promise<boolean> {
  scope.stop(reason)
  // The driver has the signal; its generator ends when the far side is gone ('tree') or when it has left its channel ('none').
  const left = Promise.allSettled([pending, Promise.resolve(iterator.return?.())])
  if (reason.code === 'CONNECTION_LOST') return false
  if (context.capabilities.kill === 'tree') return settlesWithin(left, killTimeout)
  if (plan.mark === undefined) return false
  const started = performance.now()
  const mark = plan.mark
  const killing = settlesWithin(left, context.gate.limit > 1 ? 0 : killTimeout / 2).then(() => {
    release()
    return context.kill(filter?.report, mark.token)
  })
  let killed = false
  await settlesWithin(
    killing.then((gone) => {
      killed = gone
    }),
    killTimeout,
  )
  await settlesWithin(left, Math.max(0, killTimeout - (performance.now() - started)))
  return killed
}

function filtered(event: Exclude<ExecEvent, { type: 'exit' }>, plan: ExecPlan, filter: MarkerFilter | undefined): ExecEvent | undefined {
  if (filter === undefined || plan.mark?.stream !== event.type) return event
  const data = filter.push(event.data)
  return data.byteLength === 0 ? undefined : { type: plan.mark.stream, data }
}

function checkPlan(plan: ExecPlan, { limits, stdin, pty }: Capabilities): void {
  const size = Buffer.byteLength(plan.command)
  if (plan.command.includes('\0')) throw new TransportError('INVALID_OPTIONS', 'A command cannot contain a NUL character.')
  if (size > limits.command)
    throw new TransportError('UNSUPPORTED', `The command has ${String(size)} bytes; this transport carries ${String(limits.command)}.`, {
      hint: 'Upload it as a script and run that.',
      details: { reason: 'command-limit' },
    })
  if (plan.stdin !== undefined && stdin === 'none')
    throw new TransportError('UNSUPPORTED', 'This transport gives a command no stdin.', {
      hint: 'Upload the input as a file, and redirect it: command < file.',
    })
  if (plan.pty !== undefined && !pty)
    throw new TransportError('UNSUPPORTED', 'This transport gives a command no terminal.', {
      hint: 'Leave out pty, or use a transport whose capabilities have pty.',
    })
}

async function stdinOf(plan: ExecPlan, capabilities: Capabilities, scope: CallScope): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (plan.stdin === undefined) return undefined
  return capabilities.stdin === 'live' ? liveStdin(plan.stdin, scope) : wholeStdin(plan.stdin, capabilities.limits.stdin, scope.signal)
}

function directoryMissing(path: string | undefined): TransportError {
  return new TransportError('FILE_NOT_FOUND', `The working directory ${path ?? ''} does not exist, or cannot be entered.`, {
    details: { reason: 'cwd', ...(path === undefined ? {} : { path }) },
  })
}

function leave(iterator: AsyncIterator<ExecEvent>): void {
  void Promise.resolve(iterator.return?.()).catch(() => undefined)
}

/** BUSY promises that nothing was sent; after output it is a broken driver's word, and must not make core send the command again. */
function lateBusy(error: TransportError): TransportError {
  return error.code === 'BUSY' ? new TransportError('PROTOCOL_ERROR', 'The driver said BUSY after output had arrived.', { cause: error }) : error
}
