// A session with gear or a boot loader: one command a line, its answer up to the prompt. No exit code, no stderr, no stdin, and it says so.
import type { DeclaredCapabilities, ExecEvent, ExecRequest, OpenContext, PlatformHint, Session } from '../driver.js'
import { TransportError } from '../errors.js'
import { answerOf, atPager, atPagerEnd, atPrompt } from './answer.js'
import type { Dialect } from './dialects/dialect.js'
import { aborted } from './exec-errors.js'
import type { Line } from './line.js'
import type { TtyEngineOptions } from './options.js'

const capabilities: DeclaredCapabilities = { shell: 'none', stderr: false, exitCode: false, stdin: 'none', streaming: false, kill: 'none', concurrency: 1, limits: { command: 1000 } }

/** A prompt counts when nothing has followed it for so long. */
const settled = 100
const killLimit = 5000

export class PromptSession implements Session {
  readonly capabilities = capabilities
  #busy = false
  #closing: Promise<void> | undefined
  #failure: Error | undefined
  readonly #error: RegExp

  constructor(private readonly line: Line, private readonly dialect: Dialect, private readonly options: TtyEngineOptions, context: OpenContext) {
    this.#error = options.errorPattern ?? dialect.error
    line.pipe(undefined, (error) => {
      this.#failure = error
      context.lost(error)
    })
  }

  async *exec(request: ExecRequest): AsyncGenerator<ExecEvent, void, void> {
    request.signal.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closing !== undefined) throw new TransportError('CONNECTION_CLOSED', 'The connection was closed.')
    if (this.#busy) throw new TransportError('BUSY', 'The console runs one command at a time.')
    if (/[\r\n]/.test(request.command)) throw new TransportError('UNSUPPORTED', 'A command for gear is one line.', { hint: 'Run its lines one after the other.' })
    this.#busy = true
    try {
      const text = await this.#ask(request.command, request.signal)
      if (text !== '') yield { type: 'stdout', data: Buffer.from(text, 'latin1') }
      const error = this.#error.exec(text)
      if (error !== null) yield { type: 'record', stream: 'warning', text: `The answer looks like an error: ${Buffer.from(text.slice(error.index).split('\n')[0] ?? '', 'latin1').toString('utf8').trim()}` }
      yield { type: 'exit', code: null, signal: null }
    } finally {
      this.#busy = false
    }
  }

  async platform(context: { readonly signal: AbortSignal }): Promise<PlatformHint> {
    const { version } = this.dialect
    if (version === undefined) return { name: this.dialect.name }
    const release = version.release.exec(await this.#ask(version.command, context.signal))?.[1]
    return { name: version.name, family: version.family, ...(release === undefined ? {} : { release }) }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #ask(command: string, signal: AbortSignal): Promise<string> {
    this.line.clear()
    try {
      await this.line.write(`${command}\r`)
      return answerOf(await readAnswer(this.line, this.prompt, signal), command)
    } catch (error) {
      if (!signal.aborted) throw error
      throw aborted(signal.reason, await this.#interrupt())
    }
  }

  get prompt(): RegExp {
    return this.options.prompt ?? this.dialect.prompt
  }

  /** Ctrl-C until the prompt is back. */
  async #interrupt(): Promise<boolean> {
    const { clock } = this.line
    for (const begin = clock.now(); clock.now() - begin < killLimit;) {
      await this.line.write('\u0003')
      const back = await this.line.wait({ until: (text) => atPrompt(text, this.prompt), limit: 1000 }).catch(() => 'lost' as const)
      if (back !== 'limit') return back === 'match'
    }
    return false
  }

  async #close(): Promise<void> {
    if (this.#failure === undefined) {
      for (const command of [...(this.options.teardown ?? []), ...this.dialect.leave]) {
        this.line.clear()
        const done = this.line.write(`${command}\r`).then(() => this.line.wait({ until: (text) => atPrompt(text, this.prompt), quietAfterText: 300, limit: 1000 }))
        if (await done.then(() => false, () => true)) break
      }
    }
    this.line.destroy()
  }
}

/** Everything up to the next prompt; a pager is led on. Throws the signal's reason, or when the line is lost. */
export async function readAnswer(line: Line, prompt: RegExp, signal: AbortSignal): Promise<string> {
  for (;;) {
    const before = line.screen
    await line.wait({ until: (text) => text !== before && (atPrompt(text, prompt) || atPager(text)), limit: 600_000, signal })
    const seen = line.screen
    await line.wait({ quiet: settled, limit: 1000, signal })
    if (line.screen !== seen && !atPrompt(line.screen, prompt) && !atPager(line.screen)) continue
    if (!atPager(line.screen)) return line.screen
    await line.write(atPagerEnd(line.screen) ? 'q' : ' ')
  }
}
