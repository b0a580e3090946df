import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { abortable, raceAbort } from '../abort.js'
import type { ExecEvent, ExecRequest } from '../driver.js'
import { TransportError } from '../errors.js'
import { EventQueue } from '../event-queue.js'

/** A background child may hold the streams; the exit is said when they have been quiet for this long after the command's own end. */
const quietAfterExit = 250

/** One command: a shell in a session, and so in a process group, of its own. */
export async function* execLocal(program: string, request: ExecRequest, running: Set<() => void>): AsyncGenerator<ExecEvent, void, undefined> {
  request.signal.throwIfAborted()
  const env = { ...process.env }
  for (const [name, value] of request.env ?? []) env[name] = typeof value === 'string' ? value : value.reveal()
  const child = spawn(program, ['-c', request.command], { cwd: request.cwd, env, detached: true, stdio: [request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
  const queue = new EventQueue()
  const leave = (): void => {
    child.stdin?.destroy()
    child.stdout?.destroy()
    child.stderr?.destroy()
    child.unref()
    queue.fail(request.signal.aborted ? (request.signal.reason as Error) : new TransportError('CONNECTION_CLOSED', 'The session is closed.')) // core aborts with an Error
  }
  running.add(leave)
  const stopListening = abortable(request.signal, leave)
  try {
    listen(child, queue, request)
    if (request.stdin !== undefined) void feed(child, request.stdin)
    yield* queue
  } finally {
    stopListening()
    running.delete(leave)
    leave()
  }
}

function listen(child: ChildProcess, queue: EventQueue, request: ExecRequest): void {
  const open = new Set<'stdout' | 'stderr'>(['stdout', 'stderr'])
  let exit: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let isPaused = false
  const check = (): void => {
    clearTimeout(timer)
    if (exit === undefined || isPaused) return
    // One turn after the timer: what was readable when it went off is read first.
    if (open.size > 0) timer = setTimeout(() => { timer = setTimeout(() => exit?.()) }, quietAfterExit)
    else exit()
  }
  const pause = (paused: boolean): void => {
    isPaused = paused
    for (const stream of [child.stdout, child.stderr]) if (paused) stream?.pause(); else stream?.resume()
    check()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name]
    if (stream === null) continue
    stream.on('data', (data: Buffer) => {
      if (!queue.push({ type: name, data })) pause(true)
      check()
    })
    stream.on('error', () => undefined)
    stream.once('close', () => { open.delete(name); check() })
  }
  queue.onDrain = () => pause(false)
  child.once('error', (cause: NodeJS.ErrnoException) => queue.fail(startError(cause, request)))
  child.once('exit', (code, signal) => {
    exit = () => {
      exit = undefined
      queue.push({ type: 'exit', code, signal: signal?.replace(/^SIG/, '') ?? null })
      queue.end()
    }
    check()
  })
}

/** Node reports a directory that is not there as a program that is not there. */
function startError(cause: NodeJS.ErrnoException, { cwd }: ExecRequest): TransportError {
  if (cause.code === 'ENOENT' && cwd !== undefined) return new TransportError('FILE_NOT_FOUND', `The working directory ${cwd} does not exist.`, { cause, details: { path: cwd, reason: 'cwd' } })
  if (cause.code === 'EACCES' && cwd !== undefined) return new TransportError('PERMISSION_DENIED', `The working directory ${cwd} cannot be entered.`, { cause, details: { path: cwd, reason: 'cwd' } })
  if (cause.code === 'E2BIG') return new TransportError('UNSUPPORTED', 'The command and its environment are larger than this system takes.', { cause })
  return new TransportError('PROTOCOL_ERROR', `The shell cannot be started: ${cause.message}`, { cause })
}

/** Pulls after the start, sends each chunk at once, and stops when nobody reads: a closed pipe is no error. */
async function feed({ stdin }: ChildProcess, source: AsyncIterable<Uint8Array>): Promise<void> {
  if (stdin === null) return
  const closed = new AbortController()
  stdin.once('close', () => closed.abort())
  stdin.on('error', () => undefined)
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await raceAbort(iterator.next(), closed.signal)
      if (step.done === true) break
      if (!stdin.write(step.value)) await raceAbort(once(stdin, 'drain'), closed.signal)
    }
  } catch {
    // Nobody reads on, or the session has been left.
  }
  stdin.end()
  void Promise.resolve(iterator.return?.()).catch(() => undefined)
}
