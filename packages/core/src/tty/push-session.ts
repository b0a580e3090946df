// A session over the full agent: exact codes, stderr apart, any byte both ways, the whole tree ended on abort.
import type { DeclaredCapabilities, ExecEvent, ExecRequest, OpenContext, Session } from '../driver.js'
import { TransportError } from '../errors.js'
import type { Sum } from './cksum.js'
import type { TtyEnvironment } from './clock.js'
import { aborted } from './exec-errors.js'
import { Job } from './job.js'
import { leaveLine } from './leave.js'
import type { Line } from './line.js'
import { Link, noFrames } from './link.js'
import { order } from './order.js'

const capabilities: DeclaredCapabilities = {
  shell: 'posix', stderr: true, exitCode: true, stdin: 'live', streaming: true, kill: 'tree', binary: true, privateInput: true, cwd: true, concurrency: 1,
  // One argument of a Linux process, less what the starter adds.
  limits: { command: 131_000, stdin: Infinity, stdout: Infinity, stderr: Infinity },
}

export interface PushOptions {
  readonly rate: number | undefined
  readonly pieceSize: number
  /** The checksum that the far side has. */
  readonly sum: Sum
  /** Whether the session logged in and so logs out. */
  readonly loggedIn: boolean
}

export class PushSession implements Session {
  readonly capabilities = capabilities
  readonly #link: Link
  #job: Job | undefined
  #jobs = 0
  #stuck = false
  #closing: Promise<void> | undefined
  #failure: Error | undefined

  constructor(private readonly line: Line, private readonly options: PushOptions, context: OpenContext, private readonly environment: TtyEnvironment) {
    this.#link = new Link(line, {
      frame: (frame) => { this.#job?.frame(frame) },
      expected: () => this.#job?.expected ?? noFrames,
      damaged: (text) => { this.#job?.damaged(text) },
      answered: () => { this.#job?.answered() },
      noise: (text) => { context.notice({ code: 'console-message', message: Buffer.from(text.trim(), 'latin1').toString('utf8') }) },
      lost: (error) => {
        this.#failure = error
        this.#job?.lost(error)
        context.lost(error)
      },
    }, options.rate, options.pieceSize < 900 ? options.pieceSize : Infinity, options.sum)
  }

  async *exec(request: ExecRequest): AsyncGenerator<ExecEvent, void, void> {
    request.signal.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closing !== undefined) throw new TransportError('CONNECTION_CLOSED', 'The connection was closed.')
    if (this.#job !== undefined) throw new TransportError('BUSY', 'The console runs one command at a time.')
    if (this.#stuck) throw stuck()
    const job = new Job(++this.#jobs, this.#link, `train${Math.floor(this.environment.random() * 2 ** 48).toString(36)}`)
    this.#job = job
    let killed: Promise<boolean> | undefined
    const kill = () => { killed ??= job.kill() }
    request.signal.addEventListener('abort', kill, { once: true })
    try {
      job.start(request)
      yield* job.events()
      if (request.signal.aborted && killed !== undefined) throw aborted(request.signal.reason, await killed)
    } finally {
      request.signal.removeEventListener('abort', kill)
      if (!job.ended) kill()
      if (killed !== undefined && !await killed) this.#stuck = true
      this.#job = undefined
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#link.say(order.quit)
      this.#link.release()
      this.#job?.lost(new TransportError('CONNECTION_CLOSED', 'The connection was closed.'))
      await leaveLine(this.line, this.options.loggedIn)
    }
    this.line.destroy()
  }
}

function stuck(): TransportError<'CONNECTION_LOST'> {
  return new TransportError('CONNECTION_LOST', 'A command on the console could not be ended, so the console takes no other.', {
    hint: 'Reset the machine, or end that command by other means, then connect again.',
  })
}
