import type { ExecEvent } from '../driver.js'
import { TransportError } from '../errors.js'
import { MarkerFilter } from '../shell/marker.js'
import type { StdinSource } from '../stdin-source.js'
import type { Elevation } from './elevation.js'
import { readRefusal } from './reasons.js'

export interface DialogueOptions {
  readonly elevation: Elevation
  /** The envelope's token. */
  readonly token: string
  /** Where prompts and marked lines come. */
  readonly stream: 'stdout' | 'stderr'
  readonly hasTerminal: boolean
  /** Sent once the other user's shell runs: the script and its end line. */
  readonly head: Uint8Array | undefined
  readonly stdin: StdinSource | undefined
  /** The inner script's own marked line. */
  readonly mark: { readonly token: string; readonly cwd: string | undefined }
}

/** Before the start nothing but a few messages comes. */
const maxControl = 65_536

/**
 * The talk with sudo, su or doas: answers its prompt once, waits until the other user's shell says that it runs, and only then lets the script and
 * the user's stdin through. A password that is sent ahead would be shown by a terminal, and would be the command's input where none is asked.
 */
export class Dialogue {
  readonly #options: DialogueOptions
  readonly #inner: MarkerFilter
  #state: 'waiting' | 'started' | 'refused' = 'waiting'
  #control = ''
  #other = ''
  #answered = 0
  readonly #early: ExecEvent[] = []
  readonly #outbox: Uint8Array[] = []
  #wake: (() => void) | undefined

  constructor(options: DialogueOptions) {
    this.#options = options
    this.#inner = new MarkerFilter(options.mark.token)
  }

  /** For the driver. */
  async *stdin(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = this.#outbox.shift()
      if (next !== undefined) yield next
      else if (this.#state === 'waiting') await new Promise<void>((resolve) => { this.#wake = resolve })
      else break
    }
    if (this.#state === 'refused') return
    const { head, stdin } = this.#options
    if (head !== undefined) yield head
    if (stdin === undefined) return
    if (typeof stdin === 'string' || stdin instanceof Uint8Array) yield Buffer.from(stdin)
    else yield* stdin
  }

  /** The command's own part of an event. Throws when the command has not run, or its directory cannot be entered. */
  take(event: ExecEvent): readonly ExecEvent[] {
    if (this.#state === 'started') return this.#pass(event)
    if (event.type === 'exit') throw this.#refusal(event.code)
    if (event.type === 'record') return []
    const text = Buffer.from(event.data).toString('latin1')
    if (event.type !== this.#options.stream) {
      this.#other = (this.#other + text).slice(-maxControl)
      // A script that goes as an argument starts at once: its output may be here before the word that it has started.
      if (this.#options.head === undefined) this.#early.push(event)
      return []
    }
    this.#control += text
    if (this.#control.length > maxControl) throw new TransportError('PROTOCOL_ERROR', `${this.#program} put out more than 64 KiB before the command ran.`)
    const started = new RegExp(`${this.#options.token}\\+\\d+\\r?\\n`).exec(this.#control)
    if (started === null) {
      this.#answer()
      return []
    }
    const rest = this.#control.slice(started.index + started[0].length)
    this.#turn('started')
    const early = this.#early.splice(0)
    return rest === '' ? early : [...early, ...this.#pass({ type: this.#options.stream, data: Buffer.from(rest, 'latin1') })]
  }

  #pass(event: ExecEvent): readonly ExecEvent[] {
    if (event.type === this.#options.stream) {
      const data = this.#inner.push(event.data)
      return data.byteLength === 0 ? [] : [{ type: this.#options.stream, data }]
    }
    if (event.type !== 'exit') return [event]
    const { report } = this.#inner
    if (report !== undefined && 'failed' in report) {
      const { cwd } = this.#options.mark
      throw new TransportError('FILE_NOT_FOUND', `The working directory ${cwd ?? ''} does not exist, or cannot be entered.`, { details: { reason: 'cwd', ...(cwd === undefined ? {} : { path: cwd }) } })
    }
    const data = this.#inner.flush()
    return data.byteLength === 0 ? [event] : [{ type: this.#options.stream, data }, event]
  }

  #answer(): void {
    const prompts = this.#prompts()
    if (prompts <= this.#answered) return
    this.#answered = prompts
    const { password } = this.#options.elevation
    if (prompts === 1 && password !== undefined) {
      this.#outbox.push(Buffer.from(`${password.reveal()}\n`))
      this.#turn('waiting')
      return
    }
    // Asked again: the password was wrong. The end of stdin ends sudo at once; a terminal has no such end.
    if (this.#options.hasTerminal) throw this.#refusal(1)
    this.#turn('refused')
  }

  /** sudo's prompt is the token's; those of su and doas are lines without an end. */
  #prompts(): number {
    if (this.#options.elevation.method === 'sudo') return this.#control.split(`${this.#options.token}?`).length - 1
    const asked = /[:：] ?$/.test(this.#control) ? 1 : 0
    return this.#answered === 0 ? asked : this.#answered
  }

  #turn(state: 'waiting' | 'started' | 'refused'): void {
    this.#state = state
    this.#wake?.()
    this.#wake = undefined
  }

  get #program(): string {
    return this.#options.elevation.command ?? this.#options.elevation.method
  }

  #refusal(exitCode: number | null): TransportError {
    this.#turn('refused')
    const text = Buffer.from(this.#control.replaceAll(this.#options.token, '') + this.#other, 'latin1').toString('utf8')
    const { code, reason, message, hint } = readRefusal(this.#options.elevation.method, this.#program, { exitCode, text, prompts: this.#answered })
    return new TransportError(code, message, { hint, details: { reason } })
  }
}
