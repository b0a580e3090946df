// One node's agent: five workers and a buffer of five, each job a real `sh` on this machine.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeKnobs } from './knobs.js'
import type { RunningScript, ScriptReport } from './run-script.js'
import { runScript } from './run-script.js'

const workers = 5
const buffer = 5

export interface AgentJob {
  readonly commandId: string
  readonly commands: readonly string[]
  readonly workingDirectory: string | undefined
  /** As it was given: text. */
  readonly executionTimeout: string | undefined
  onStart(): void
  onEnd(report: ScriptReport): void
}

export interface AgentSettings {
  readonly node: NodeKnobs
  readonly region: string
  readonly directory: string
  readonly timeScale: number
  readonly parameters: Readonly<Record<string, string>>
}

export class Agent {
  readonly #settings: AgentSettings
  readonly #waiting: AgentJob[] = []
  readonly #running = new Map<string, RunningScript>()
  #closed = false
  /** How often a script's exit code 194 made the agent reboot. */
  reboots = 0

  constructor(settings: AgentSettings) {
    this.#settings = settings
    mkdirSync(join(settings.directory, settings.node.id), { recursive: true })
  }

  /** False: ProcessorBufferFull, the service delivers again. */
  offer(job: AgentJob): boolean {
    if (this.#waiting.length >= buffer && this.#running.size >= workers) return false
    this.#waiting.push(job)
    this.#next()
    return true
  }

  cancel(commandId: string): boolean {
    const waiting = this.#waiting.findIndex((job) => job.commandId === commandId)
    if (waiting !== -1) {
      const [job] = this.#waiting.splice(waiting, 1)
      job?.onEnd({ status: 'Cancelled', code: -1, stdout: '', stderr: '', reboot: false })
      return true
    }
    const running = this.#running.get(commandId)
    running?.cancel()
    return running !== undefined
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#closed = true
    this.#waiting.length = 0
    const running = [...this.#running.values()]
    for (const script of running) script.cancel()
    await Promise.all(running.map((script) => script.done))
  }

  #next(): void {
    while (!this.#closed && this.#running.size < workers) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      job.onStart()
      void this.#run(job, 0)
    }
  }

  async #run(job: AgentJob, round: number): Promise<void> {
    const { directory, timeScale, parameters } = this.#settings
    const commands = job.commands.map((text) => interpolate(text, parameters))
    if (commands.includes(undefined)) {
      job.onEnd({ status: 'Failed', code: 1, stdout: '', stderr: 'Failed to resolve ssm parameters in the document', reboot: false })
      return
    }
    const script = runScript({
      directory: join(directory, `${job.commandId}-${this.#settings.node.id}-${String(round)}`),
      commands: commands.filter((text) => text !== undefined),
      workingDirectory: job.workingDirectory,
      environment: this.#environment(job.commandId),
      timeout: executionSeconds(job.executionTimeout) * 1000 * timeScale,
    })
    this.#running.set(job.commandId, script)
    const report = await script.done
    if (report.reboot && round < 3 && !this.#closed) {
      this.reboots++
      return this.#run(job, round + 1)
    }
    this.#running.delete(job.commandId)
    job.onEnd(report.reboot ? { ...report, status: 'Failed' } : report)
    this.#next()
  }

  /** No HOME, no user's settings: the agent is a service. */
  #environment(commandId: string): Record<string, string> {
    const { node, region, directory } = this.#settings
    return {
      // The one thing that a real agent does not set: what commands leave behind goes when the emulator does.
      // Nodes share this machine, not their temporary files.
      TMPDIR: join(directory, node.id),
      PATH: process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      SSM_COMMAND_ID: commandId,
      AWS_SSM_INSTANCE_ID: node.id,
      AWS_SSM_REGION_NAME: region,
      AWS_SSM_PLATFORM_NAME: node.platformName ?? 'Amazon Linux',
      AWS_SSM_PLATFORM_VERSION: node.platformVersion ?? '2023',
    }
  }
}

/** Anything outside of 5 to 172800 seconds, or not a number, is silently an hour. */
function executionSeconds(text: string | undefined): number {
  const seconds = Math.trunc(Number(text))
  return text !== undefined && seconds >= 5 && seconds <= 172_800 ? seconds : 3_600
}

/** Only `{{ssm:…}}` and `{{ssm-secure:…}}` mean something. undefined: it cannot be resolved, which fails the document. */
function interpolate(text: string, parameters: Readonly<Record<string, string>>): string | undefined {
  let failed = false
  const result = text.replace(/\{\{\s*(ssm|ssm-secure):([^}]*?)\s*\}\}/g, (_all, _kind, name: string) => {
    const value = parameters[name]
    if (value === undefined) failed = true
    return value ?? ''
  })
  return failed ? undefined : result
}
