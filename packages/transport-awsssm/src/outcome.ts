// What became of a command, from its invocation to the events of an exec.
import type { ExecEvent } from '@train-ts/core'
import { TransportError } from '@train-ts/core'
import type { Answer, Part } from './answer.js'
import { parseAnswer } from './answer.js'
import type { Invocation } from './aws.js'
import { collect, page } from './envelope.js'
import { plain } from './run-command.js'

type Result = Extract<Answer, { kind: 'result' }>

export interface OutcomeParts {
  /** Names the directory on the node. */
  readonly id: string
  readonly executionSeconds: number
  /** Bytes of each stream that are fetched. */
  readonly outputLimit: number
  /** Runs a command of our own on the same node. */
  readonly house: (text: string) => Promise<Answer>
  /** Called when nothing of the command is left on the node. */
  readonly cleared: () => void
}

/** The output, then the exit. Throws where the command never ran, where nobody can say how it ended, and where its time was up. */
export async function* outcome(invocation: Invocation, parts: OutcomeParts): AsyncGenerator<ExecEvent, void, undefined> {
  const ended = endingOf(invocation, parts.executionSeconds)
  const result = ended.kind === 'answer' ? ended.result : await partial(parts.house(collect(parts.id)))
  const truncated: ('stdout' | 'stderr')[] = []
  for (const stream of ['stdout', 'stderr'] as const) {
    const complete = yield* output(stream, result, parts)
    if (!complete) truncated.push(stream)
  }
  if (truncated.length === 0) parts.cleared()
  if (ended.kind === 'timed-out') throw timedOut(parts.executionSeconds)
  if (ended.kind === 'killed') throw lost(invocation)
  const code = ended.kind === 'answer' ? (result.code ?? null) : null
  yield { type: 'exit', code, signal: ended.kind === 'cancelled' ? 'SIGKILL' : null, ...(truncated.length === 0 ? {} : { truncated }) }
}

/** One stream, in as many commands as it takes, up to the limit. False: something is missing. */
async function* output(stream: 'stdout' | 'stderr', result: Result, parts: OutcomeParts): AsyncGenerator<ExecEvent, boolean, undefined> {
  const first: Part = result[stream]
  const wanted = Math.min(first.total, parts.outputLimit)
  const data = first.data.subarray(0, wanted)
  if (data.byteLength > 0) yield { type: stream, data }
  const lastStream = stream === 'stderr' || !result.stderr.more
  let offset = data.byteLength
  while (first.more && offset < wanted) {
    const answer = await parts.house(page(parts.id, stream, offset, lastStream ? wanted : undefined))
    if (answer.kind !== 'page' || answer.part.data.byteLength === 0) return false
    const more = answer.part.data.subarray(0, wanted - offset)
    yield { type: stream, data: more }
    offset += more.byteLength
  }
  return !first.damaged && offset === first.total
}

/** 'cancelled': by somebody else. 'killed': nobody knows by whom, or how far it got. */
type Ending = { readonly kind: 'answer'; readonly result: Result } | { readonly kind: 'timed-out' | 'cancelled' | 'killed' }

/** What became of the command. Throws where it never ran, and where nobody can say. */
function endingOf(invocation: Invocation, executionSeconds: number): Ending {
  const answer = parseAnswer(invocation.stdout, invocation.stderr)
  if (answer.kind === 'result') return { kind: 'answer', result: answer }
  if (answer.kind === 'refused') {
    throw new TransportError('PROTOCOL_ERROR', answer.reason === 'no-directory' ? 'The node has no temporary directory that can be written to; the command has not run.' : 'The node has neither base64 nor openssl; the command has not run.', {
      hint: answer.reason === 'no-directory' ? 'Is the disk full, or mounted read-only? /tmp, /var/tmp and /dev/shm were tried.' : undefined,
      details: { reason: answer.reason },
    })
  }
  const details = plain(invocation.statusDetails)
  const started = invocation.responseCode !== -1
  if (!started || /undeliverable|deliverytimedout|terminated|invalidplatform|accessdenied|rateexceeded/.test(details)) {
    throw new TransportError('CONNECTION_LOST', `The command never reached the node: ${invocation.statusDetails || invocation.status}.`, { hint: 'It has not run, so it is safe to run it again. Is the agent online?', details: { reason: 'not-delivered' } })
  }
  if (plain(invocation.status) === 'cancelled') return { kind: 'cancelled' }
  // The agent takes code 137 for its own limit, even where something else killed the shell.
  const early = invocation.elapsed !== undefined && invocation.elapsed < (executionSeconds - 1) * 1000
  return { kind: plain(invocation.status) === 'timedout' && !early ? 'timed-out' : 'killed' }
}

const nothing: Part = { data: new Uint8Array(), total: 0, more: false, damaged: false }

/** What was written until the far side ended it, where the node still tells. */
async function partial(collecting: Promise<Answer>): Promise<Result> {
  const answer = await collecting.catch(() => undefined)
  if (answer?.kind === 'result') return answer
  const none = answer?.kind === 'refused' ? nothing : { ...nothing, damaged: true }
  return { kind: 'result', code: undefined, stdout: none, stderr: none }
}

function lost({ status, statusDetails, responseCode, stderr }: Invocation): TransportError {
  const said = stderr.trim().slice(0, 400)
  return new TransportError('CONNECTION_LOST', `The command ended without a result (${statusDetails || status}, code ${String(responseCode)})${said === '' ? '.' : `: ${said}`}`, {
    hint: 'The shell around it was killed, or the node went down. Whether the command did its work is unknown.',
    details: { reason: 'no-result' },
  })
}

function timedOut(seconds: number): TransportError {
  return new TransportError('TIMEOUT', `The command was ended on the node after ${String(seconds)} seconds.`, {
    hint: 'Give it longer: ?execution_timeout=3600, or a timeout for this call.',
    details: { phase: 'run', timeout: seconds * 1000, killed: true },
  })
}
