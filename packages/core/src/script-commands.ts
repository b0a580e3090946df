import { refuse } from './capabilities.js'
import type { Commands } from './commands.js'
import type { Sudo } from './connection.js'
import type { Capabilities, ExecEvent } from './driver.js'
import { TransportError } from './errors.js'
import { prepend } from './exec-plan.js'
import { ByteCollector } from './output.js'
import type { ScriptRequest, ScriptResult, ScriptRunner } from './script-runner.js'
import type { SessionSource } from './session-source.js'
import { bootScript, planScript } from './shell/script.js'

/** Output of one of core's own scripts; what is larger is read as a stream. */
const maxScriptOutput = 64 * 1024 * 1024

/** Core's own scripts over the connection's commands, one exec each. Rejects with UNSUPPORTED where the far shell is not POSIX. */
export class ScriptCommands implements ScriptRunner {
  readonly #commands: Commands
  readonly #source: SessionSource
  readonly #newToken: () => string
  readonly #sudo: boolean | Sudo | undefined

  /** `sudo` as a call's options have it; undefined is the connection's own. */
  constructor(commands: Commands, source: SessionSource, newToken: () => string, sudo?: boolean | Sudo) {
    this.#sudo = sudo
    this.#commands = commands
    this.#source = source
    this.#newToken = newToken
  }

  /** The same for a call with a `sudo` of its own. */
  as(sudo: boolean | Sudo | undefined): ScriptCommands {
    return sudo === this.#sudo ? this : new ScriptCommands(this.#commands, this.#source, this.#newToken, sudo)
  }

  get capabilities(): Capabilities {
    return this.#source.live.capabilities
  }

  inputLimit(script: string): number {
    const { capabilities } = this
    if (capabilities.stdin === 'live') return Infinity
    return capabilities.stdin === 'whole' && planScript(script, true, capabilities) !== undefined ? capabilities.limits.stdin : 0
  }

  async run(request: ScriptRequest): Promise<ScriptResult> {
    const stdout = new ByteCollector()
    const stderr = new ByteCollector()
    let exitCode: number | null = null
    let truncated = false
    for await (const event of this.stream(request)) {
      if (event.type === 'exit') {
        exitCode = event.code
        truncated = event.truncated?.includes('stdout') === true
      } else if (event.type !== 'record') (event.type === 'stdout' ? stdout : stderr).push(event.data)
      if (stdout.size + stderr.size > maxScriptOutput) throw new TransportError('OUTPUT_LIMIT', 'The answer to one of core\'s scripts has more than 64 MiB.', { details: { maxOutput: maxScriptOutput } })
    }
    return { exitCode, stdout: stdout.bytes(), stderr: stderr.bytes(), truncated }
  }

  get isElevated(): boolean {
    return this.#commands.elevationOf(this.#sudo) !== undefined
  }

  stream(request: ScriptRequest): AsyncIterable<ExecEvent> {
    const { input, operation, signal, library = '', isReadOnly } = request
    const script = library === '' ? request.script : `${library}\n${request.script}`
    return this.#commands.textEvents((live, shell) => {
      if (shell.dialect !== 'posix') return refuse(`The ${operation} needs a POSIX shell; the far side's is ${shell.dialect}.`, undefined, 'shell')
      // As another user a script travels on stdin in any case, by the envelope.
      if (this.isElevated) return { text: script, stdin: input }
      const probe = isReadOnly === true && input === undefined ? { library, script: request.script } : undefined
      const plan = planScript(script, input !== undefined, live.capabilities)
      if (plan !== undefined) return { text: plan.text, stdin: input ?? plan.stdin, probe }
      if (live.capabilities.stdin !== 'live') return refuse(`The ${operation} needs a longer command than this transport carries.`, undefined, 'command-limit')
      const booted = bootScript(script, this.#newToken())
      return { text: booted.text, stdin: prepend(booted.head, input), probe }
    }, { signal, operation, sudo: this.#sudo })
  }
}
