// Many nodes, one command: a SendCommand for each fifty ids, or one for all that have the tags, and one poller for what they answer.
import { randomBytes } from 'node:crypto'
import type { ExecEvent, ExecRequest, FleetSession } from '@train-ts/core'
import { isTransportError, TransportError } from '@train-ts/core'
import { follow, settleWithin } from './abort.js'
import { parseAnswer } from './answer.js'
import type { Clock, CommandRequest, Invocation, RunCommandApi } from './aws.js'
import { capabilities } from './capabilities.js'
import { splitCombined } from './combined.js'
import { envelope, remove } from './envelope.js'
import { gather, houseLimits } from './exec.js'
import type { FleetApi, FleetRow, Recipients, Tagged } from './fleet-api.js'
import { outcome } from './outcome.js'
import { commandLimits, pollDelay } from './poll.js'
import { isTerminal, keep, runCommand } from './run-command.js'

export interface FleetMember {
  /** Which of the caller's targets named it. */
  readonly index: number
  readonly to: { readonly id: string } | Tagged
}

export interface FleetParts {
  readonly api: FleetApi & RunCommandApi
  readonly clock: Clock
  readonly executionTimeout: number
  readonly outputLimit: number
}

type Answer = { readonly node: string; readonly index: number } & ({ readonly event: ExecEvent } | { readonly error: unknown })

/** What SendCommand takes at once. */
const batchSize = 50
/** Nodes whose long output is fetched at the same time. */
const fetchers = 5

/** A command that is under way on some nodes. `index` of a node that was found by its tags is that of the tags. */
interface Batch {
  readonly commandId: string
  readonly indexOf: (node: string) => number
  /** Nodes that have to answer; undefined: the service has not told yet. */
  expected: number | undefined
  readonly done: Set<string>
  readonly tags: boolean
}

export function createFleet(parts: FleetParts, members: readonly FleetMember[]): FleetSession {
  const { api, clock } = parts
  const closing = new AbortController()
  const background = new Set<Promise<unknown>>()
  const leftovers = new Map<string, readonly Recipients[]>()

  async function* exec(request: ExecRequest): AsyncGenerator<Answer, void, undefined> {
    const { signal, release } = follow(request.signal, closing.signal)
    const id = randomBytes(12).toString('hex')
    const stdin = request.stdin === undefined ? undefined : await gather(request.stdin)
    const limits = commandLimits(request.timeout, parts.executionTimeout)
    const removing = [...leftovers.keys()].slice(0, 8)
    const text = envelope({ id, command: request.command, stdin, leftovers: removing })
    const command: CommandRequest = { text, ...limits, comment: `train-ts ${id}` }
    const batches: Batch[] = []
    const reached: Recipients[] = []
    let ended = false
    /** Whether a directory may be left on some node. */
    const state = { left: false }
    try {
      signal.throwIfAborted()
      const refused: Answer[] = []
      for (const { to, indexOf } of batchesOf(members)) await send(to, indexOf, command, { batches, reached, refused }, signal)
      yield* refused
      yield* results(batches, id, limits.executionSeconds, limits.deadline, signal, state)
      removing.forEach((one) => leftovers.delete(one))
      ended = true
    } finally {
      release()
      if (!ended || state.left) leftovers.set(id, reached)
      if (!ended) {
        const cancels = batches.map(({ commandId }) => keep(background, api.cancelAll(commandId, AbortSignal.timeout(10_000))))
        await settleWithin(Promise.all(cancels), 2_000)
      }
    }
  }

  /** One bad id makes the service refuse all fifty, so the halves are tried, down to the bad one. */
  async function send(to: Recipients, indexOf: Batch['indexOf'], command: CommandRequest, into: Sent, signal: AbortSignal): Promise<void> {
    try {
      const commandId = await api.sendToMany(to, command, signal)
      into.batches.push({ commandId, indexOf, expected: 'ids' in to ? to.ids.length : undefined, done: new Set(), tags: !('ids' in to) })
      into.reached.push(to)
    } catch (error) {
      if (!('ids' in to) || !isTransportError(error, 'CONNECT_FAILED') || error.details.reason !== 'invalid-instance') throw error
      const [only] = to.ids
      if (to.ids.length === 1 && only !== undefined) {
        into.refused.push({ node: only, index: indexOf(only), error: await whyRefused(only, error, signal) })
        return
      }
      const middle = Math.ceil(to.ids.length / 2)
      for (const ids of [to.ids.slice(0, middle), to.ids.slice(middle)]) await send({ ids }, indexOf, command, into, signal)
    }
  }

  async function whyRefused(node: string, error: TransportError, signal: AbortSignal): Promise<TransportError> {
    const known = (await api.describeNodes([node], signal).catch(() => new Map<string, never>())).get(node)
    const [reason, message] = known === undefined
      ? ['unknown-instance', `Systems Manager knows no node ${node} in this region.`]
      : ['agent-offline', `The agent of ${node} is offline (${known.pingStatus}).`]
    return new TransportError('CONNECT_FAILED', message, { cause: error, details: { reason } })
  }

  /** Answers as they come. One round asks once for each command that is not done, whatever the number of its nodes. */
  async function* results(
    batches: readonly Batch[], id: string, executionSeconds: number, deadline: number, signal: AbortSignal, state: { left: boolean },
  ): AsyncGenerator<Answer, void, undefined> {
    const started = clock.now()
    for (let attempt = 0; ; attempt++) {
      const open = batches.filter(({ done, expected }) => expected === undefined || done.size < expected)
      if (open.length === 0) return
      if (clock.now() - started > deadline) throw new TransportError('TIMEOUT', 'Some nodes have not answered.', { details: { phase: 'run', reason: 'no-answer' } })
      await clock.pause(pollDelay(attempt, clock.random()), signal)
      for (const batch of open) {
        const rows = (await api.rows(batch.commandId, signal)).filter((row) => isTerminal(row) && !batch.done.has(row.node))
        for (const row of rows) batch.done.add(row.node)
        for (let start = 0; start < rows.length; start += fetchers) {
          const answers = await Promise.all(rows.slice(start, start + fetchers).map((row) => answersOf(batch, row, id, executionSeconds, signal, state)))
          for (const answer of answers) yield* answer
        }
        if (!batch.tags) continue
        batch.expected = await api.targetCount(batch.commandId, signal)
        if (batch.expected === 0) yield { node: 'tags', index: batch.indexOf(''), error: noTargets() }
      }
    }
  }

  async function answersOf(
    batch: Batch, row: FleetRow, id: string, executionSeconds: number, signal: AbortSignal, state: { left: boolean },
  ): Promise<readonly Answer[]> {
    const at = { node: row.node, index: batch.indexOf(row.node) }
    const answers: Answer[] = []
    try {
      const invocation = await invocationOf(batch.commandId, row, signal)
      const house = async (script: string) => {
        const { stdout, stderr } = await runCommand({ api, id: row.node, clock, background }, script, houseLimits, `train-ts ${id}`, signal)
        return parseAnswer(stdout, stderr)
      }
      let cleared = false
      const outcomeParts = { id, executionSeconds, outputLimit: parts.outputLimit, house, cleared: () => { cleared = true } }
      for await (const event of outcome(invocation, outcomeParts)) answers.push({ ...at, event })
      if (!cleared) state.left = true
    } catch (error) {
      signal.throwIfAborted()
      answers.push({ ...at, error })
    }
    return answers
  }

  /** Short output is in the list already; for longer output the node is asked for by itself. */
  async function invocationOf(commandId: string, { node, status, statusDetails, responseCode, output }: FleetRow, signal: AbortSignal): Promise<Invocation> {
    const streams = splitCombined(output)
    if (streams !== undefined) return { status, statusDetails, responseCode, ...streams }
    return (await api.invocation(node, commandId, signal)) ?? { status, statusDetails, responseCode, stdout: '', stderr: '' }
  }

  async function close(): Promise<void> {
    closing.abort(new TransportError('CONNECTION_CLOSED', 'The fleet was closed.'))
    const recipients = [...leftovers.values()].flat()
    const command: CommandRequest = { text: remove([...leftovers.keys()]), deliverySeconds: 600, executionSeconds: 60, comment: 'train-ts cleans up' }
    leftovers.clear()
    for (const to of recipients) void keep(background, api.sendToMany(to, command, AbortSignal.timeout(5_000)))
    await settleWithin(Promise.all(background), 5_000)
  }

  return { capabilities: capabilities(parts.outputLimit), exec, close }
}

function noTargets(): TransportError {
  return new TransportError('CONNECT_FAILED', 'No node that is online has these tags.', { details: { reason: 'no-targets' } })
}

interface Sent {
  readonly batches: Batch[]
  readonly reached: Recipients[]
  readonly refused: Answer[]
}

/** Fifty ids each, no id twice; each set of tags by itself. */
function batchesOf(members: readonly FleetMember[]): readonly { readonly to: Recipients; readonly indexOf: (node: string) => number }[] {
  const indexes = new Map<string, number>()
  for (const { index, to } of members) if ('id' in to && !indexes.has(to.id)) indexes.set(to.id, index)
  const ids = [...indexes.keys()]
  const byId = Array.from({ length: Math.ceil(ids.length / batchSize) }, (_, batch) => ({
    to: { ids: ids.slice(batch * batchSize, (batch + 1) * batchSize) }, indexOf: (node: string) => indexes.get(node) ?? 0,
  }))
  return [...byId, ...members.flatMap(({ index, to }) => ('id' in to ? [] : [{ to, indexOf: () => index }]))]
}
