// A session's exec over Run Command: one command for the user's own, and further ones only where its output was too long.
import { randomBytes } from 'node:crypto'
import type { ExecEvent, ExecRequest } from '@train-ts/core'
import { TransportError } from '@train-ts/core'
import { follow, settleWithin } from './abort.js'
import type { Answer, Part } from './answer.js'
import { parseAnswer } from './answer.js'
import type { Invocation } from './aws.js'
import { budget, collect, envelope, page, remove } from './envelope.js'
import { commandLimits } from './poll.js'
import type { RunCommandParts } from './run-command.js'
import { keep, plain, runCommand } from './run-command.js'

export interface ExecOptions extends RunCommandParts {
  readonly executionTimeout: number
  /** Bytes of each stream that are fetched, however many commands that takes. */
  readonly outputLimit: number
}

/** Of an agent. */
export const workers = 5

type Result = Extract<Answer, { kind: 'result' }>

/** For commands of our own: they take a moment. */
const houseLimits = commandLimits(60_000, 60_000)

export interface Exec {
  readonly exec: (request: ExecRequest) => AsyncIterable<ExecEvent>
  readonly close: () => Promise<void>
}

export function createExec(options: ExecOptions): Exec {
  const closing = new AbortController()
  const slots = countSlots()
  /** Directories that may be on the node. Those whose command was stopped ('left') are removed by the next command, or by `close`. */
  const directories = new Map<string, 'in use' | 'left'>()

  async function* exec(request: ExecRequest): AsyncGenerator<ExecEvent, void, undefined> {
    // What the agent cannot begin now would wait there, out of core's sight.
    if (slots.taken >= workers) throw new TransportError('BUSY', `${String(workers)} commands are running: the agent has no more workers.`)
    const leave = slots.take()
    const { signal, release } = follow(request.signal, closing.signal)
    // A stopped command is cancelled at once: its worker is free again before this call has ended.
    signal.addEventListener('abort', leave, { once: true })
    const id = randomBytes(12).toString('hex')
    let kept = true
    const house = async (text: string): Promise<Answer> => answerOf(await runCommand(options, text, houseLimits, `train-ts ${id}`, signal))
    try {
      const stdin = request.stdin === undefined ? undefined : await gather(request.stdin)
      const removing = [...directories].flatMap(([one, state]) => (state === 'left' ? [one] : [])).slice(0, 8)
      const limits = commandLimits(request.timeout, options.executionTimeout)
      const text = envelope({ id, command: request.command, stdin, leftovers: removing })
      signal.throwIfAborted()
      directories.set(id, 'in use')
      const invocation = await runCommand(options, text, limits, `train-ts ${id}`, signal).catch((error: unknown) => {
        kept = mayHaveRun(error, signal)
        throw error
      })
      removing.forEach((one) => directories.delete(one))
      const ended = endingOf(invocation, limits.executionSeconds)
      const result = ended.kind === 'answer' ? ended.result : await partial(house(collect(id)))
      const truncated: ('stdout' | 'stderr')[] = []
      for (const stream of ['stdout', 'stderr'] as const) {
        const complete = yield* output(stream, result, id, house)
        if (!complete) truncated.push(stream)
      }
      kept = truncated.length > 0
      if (ended.kind === 'timed-out') throw timedOut(limits.executionSeconds)
      if (ended.kind === 'killed') throw lost(invocation)
      const code = ended.kind === 'answer' ? (result.code ?? null) : null
      yield { type: 'exit', code, signal: ended.kind === 'cancelled' ? 'SIGKILL' : null, ...(truncated.length === 0 ? {} : { truncated }) }
    } finally {
      leave()
      release()
      if (!kept) directories.delete(id)
      else if (directories.has(id)) directories.set(id, 'left')
    }
  }

  /** One stream, in as many commands as it takes, up to the limit. False: something is missing. */
  async function* output(stream: 'stdout' | 'stderr', result: Result, id: string, house: (text: string) => Promise<Answer>): AsyncGenerator<ExecEvent, boolean, undefined> {
    const first: Part = result[stream]
    const wanted = Math.min(first.total, options.outputLimit)
    const data = first.data.subarray(0, wanted)
    if (data.byteLength > 0) yield { type: stream, data }
    const lastStream = stream === 'stderr' || !result.stderr.more
    let offset = data.byteLength
    while (first.more && offset < wanted) {
      const answer = await house(page(id, stream, offset, lastStream ? wanted : undefined))
      if (answer.kind !== 'page' || answer.part.data.byteLength === 0) return false
      const more = answer.part.data.subarray(0, wanted - offset)
      yield { type: stream, data: more }
      offset += more.byteLength
    }
    return !first.damaged && offset === first.total
  }

  async function close(): Promise<void> {
    closing.abort(new TransportError('CONNECTION_CLOSED', 'The connection was closed.'))
    if (directories.size > 0) {
      const signal = AbortSignal.timeout(5_000)
      const request = { text: remove([...directories.keys()]), deliverySeconds: 600, executionSeconds: 60, comment: 'train-ts cleans up' }
      void keep(options.background, options.api.send(options.id, request, signal))
      directories.clear()
    }
    await settleWithin(Promise.all(options.background), 5_000)
  }

  return { exec, close }
}

/** How many commands run; each gives its slot back once. */
function countSlots(): { readonly taken: number; take(): () => void } {
  const holders = new Set<symbol>()
  return {
    get taken() {
      return holders.size
    },
    take() {
      const holder = Symbol('command')
      holders.add(holder)
      return () => void holders.delete(holder)
    },
  }
}

async function gather(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stdin) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (bytes.byteLength > budget.stdin) throw new TransportError('UNSUPPORTED', `Run Command carries at most ${String(budget.stdin)} bytes of stdin.`, { hint: 'Upload the input as a file first.', details: { reason: 'stdin-limit' } })
  return bytes
}

function answerOf({ stdout, stderr }: Invocation): Answer {
  return parseAnswer(stdout, stderr)
}

/** 'cancelled': by somebody else. 'killed': nobody knows by whom, or how far it got. */
type Ending = { readonly kind: 'answer'; readonly result: Result } | { readonly kind: 'timed-out' | 'cancelled' | 'killed' }

/** What became of the command. Throws where it never ran, and where nobody can say. */
function endingOf(invocation: Invocation, executionSeconds: number): Ending {
  const answer = answerOf(invocation)
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

/** Whether the node may hold a directory of a command that ended in this error. */
function mayHaveRun(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || !(error instanceof TransportError) || error.code === 'CONNECTION_LOST' || error.code === 'TIMEOUT'
}
