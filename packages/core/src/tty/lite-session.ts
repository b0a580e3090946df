// A session over the small agent: raw output, merged, exact code; no stdin; Ctrl-C is all that can end a command.
import type { DeclaredCapabilities, ExecEvent, ExecRequest, OpenContext, Session } from '../driver.js'
import { TransportError } from '../errors.js'
import type { TtyEnvironment } from './clock.js'
import { EventQueue } from './event-queue.js'
import { aborted } from './exec-errors.js'
import { leaveLine } from './leave.js'
import type { Line } from './line.js'
import { LiteOutput } from './lite-output.js'
import { escapeText, order } from './order.js'
import { longestBurst } from './pacing.js'

/** In the worst case a byte is five on the line. */
const longestCommand = Math.floor((longestBurst - 32) / 5)

const capabilities: DeclaredCapabilities = {
  shell: 'posix', stderr: false, exitCode: true, stdin: 'none', streaming: true, kill: 'none', binary: true, concurrency: 1,
  limits: { command: longestCommand, stdin: 0, stdout: Infinity, stderr: Infinity },
}

const killLimit = 5000

export class LiteSession implements Session {
  readonly capabilities = capabilities
  #busy = false
  #failure: Error | undefined
  #closing: Promise<void> | undefined
  #running: EventQueue<ExecEvent> | undefined

  constructor(
    private readonly line: Line, private readonly loggedIn: boolean,
    private readonly context: OpenContext, private readonly environment: TtyEnvironment,
  ) {
    line.pipe(() => undefined, (error) => { this.#lose(error) })
  }

  async *exec(request: ExecRequest): AsyncGenerator<ExecEvent, void, void> {
    request.signal.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closing !== undefined) throw new TransportError('CONNECTION_CLOSED', 'The connection was closed.')
    if (this.#busy) throw new TransportError('BUSY', 'The console runs one command at a time.')
    this.#busy = true
    const events = new EventQueue<ExecEvent>()
    this.#running = events
    const id = Math.floor(this.environment.random() * 2 ** 48).toString(36)
    const output = new LiteOutput(id)
    this.line.pipe((text) => {
      for (const event of output.push(text)) events.push(event)
      if (output.ended) events.end()
    }, (error) => { this.#lose(error) })
    let stopping: Promise<boolean> | undefined
    const stop = () => { stopping ??= this.#stop(output) }
    const onAbort = () => {
      stop()
      events.discard()
    }
    request.signal.addEventListener('abort', onAbort, { once: true })
    try {
      await this.line.write(`\n${id} ${escapeText(Buffer.from(request.command, 'utf8'))}\n`)
      for (let event = await events.next(); event !== undefined; event = await events.next()) yield event
      if (stopping !== undefined) throw aborted(request.signal.reason, await stopping)
    } finally {
      request.signal.removeEventListener('abort', onAbort)
      if (!output.ended && this.#failure === undefined) stop()
      if (stopping !== undefined && !await stopping) this.#lose(stubborn())
      this.line.pipe(() => undefined, (error) => { this.#lose(error) })
      this.#busy = false
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#running?.fail(new TransportError('CONNECTION_CLOSED', 'The connection was closed.'))
      if (this.#busy) await this.line.write('\u0003').catch(() => undefined)
      await this.line.write(`\n${order.quit}\n`).catch(() => undefined)
      this.line.pipe(undefined)
      await leaveLine(this.line, this.loggedIn)
    }
    this.line.destroy()
  }

  /** Ctrl-C, then Ctrl-\, again and again: the command may not have begun to listen. */
  async #stop(output: LiteOutput): Promise<boolean> {
    const { clock } = this.line
    const begin = clock.now()
    for (let round = 0; !output.ended && this.#failure === undefined && clock.now() - begin < killLimit; round++) {
      await this.line.write(round < 3 ? '\u0003' : '\u001c').catch(() => undefined)
      await new Promise<void>((resolve) => { clock.after(200, resolve) })
    }
    return output.ended
  }

  #lose(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#running?.fail(error)
    this.context.lost(error)
  }
}

function stubborn(): TransportError<'CONNECTION_LOST'> {
  return new TransportError('CONNECTION_LOST', 'A command on the console does not end by Ctrl-C.', { hint: 'Reset the machine or the line, then connect again.' })
}
