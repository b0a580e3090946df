// A session's exec over Run Command: one command for the user's own, and further ones only where its output was too long.
import { randomBytes } from 'node:crypto'
import type { ExecEvent, ExecRequest } from '@train-ts/core'
import { TransportError } from '@train-ts/core'
import { follow, settleWithin } from './abort.js'
import type { Answer } from './answer.js'
import { parseAnswer } from './answer.js'
import { budget, envelope, remove } from './envelope.js'
import { outcome } from './outcome.js'
import { commandLimits } from './poll.js'
import type { RunCommandParts } from './run-command.js'
import { keep, runCommand } from './run-command.js'

export interface ExecOptions extends RunCommandParts {
  readonly executionTimeout: number
  /** Bytes of each stream that are fetched, however many commands that takes. */
  readonly outputLimit: number
}

/** Of an agent. */
export const workers = 5

/** For commands of our own: they take a moment. */
export const houseLimits = commandLimits(60_000, 60_000)

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
    const house = async (text: string): Promise<Answer> => {
      const { stdout, stderr } = await runCommand(options, text, houseLimits, `train-ts ${id}`, signal)
      return parseAnswer(stdout, stderr)
    }
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
      yield* outcome(invocation, { id, house, executionSeconds: limits.executionSeconds, outputLimit: options.outputLimit, cleared: () => { kept = false } })
    } finally {
      leave()
      release()
      if (!kept) directories.delete(id)
      else if (directories.has(id)) directories.set(id, 'left')
    }
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

export async function gather(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stdin) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (bytes.byteLength > budget.stdin) throw new TransportError('UNSUPPORTED', `Run Command carries at most ${String(budget.stdin)} bytes of stdin.`, { hint: 'Upload the input as a file first.', details: { reason: 'stdin-limit' } })
  return bytes
}

/** Whether the node may hold a directory of a command that ended in this error. */
function mayHaveRun(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || !(error instanceof TransportError) || error.code === 'CONNECTION_LOST' || error.code === 'TIMEOUT'
}
