import { joinFor } from './exec-request.js'
import { refuse } from './capabilities.js'
import type { Commands } from './commands.js'
import type { Capabilities, ExecEvent } from './driver.js'
import { TransportError } from './errors.js'
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

  constructor(commands: Commands, source: SessionSource, newToken: () => string) {
    this.#commands = commands
    this.#source = source
    this.#newToken = newToken
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

  stream(request: ScriptRequest): AsyncIterable<ExecEvent> {
    const { script, input, operation, signal } = request
    return this.#commands.textEvents((live, shell) => {
      if (shell.dialect !== 'posix') joinFor([operation], shell.dialect)
      const plan = planScript(script, input !== undefined, live.capabilities)
      if (plan !== undefined) return { what: { text: plan.text, language: 'sh' }, stdin: input ?? plan.stdin }
      if (live.capabilities.stdin !== 'live') return refuse(`The ${operation} needs a longer command than this transport carries.`, undefined, 'command-limit')
      const booted = bootScript(script, this.#newToken())
      return { what: { text: booted.text, language: 'sh' }, stdin: concat(booted.head, input) }
    }, { signal, operation })
  }
}

async function* concat(head: Uint8Array, input: ScriptRequest['input']): AsyncGenerator<Uint8Array, void, undefined> {
  yield head
  if (input === undefined) return
  if (input instanceof Uint8Array) yield input
  else yield* input
}
