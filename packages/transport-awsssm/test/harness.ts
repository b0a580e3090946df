// The driver through its seam, without core's connection around it.
import { readdir, readFile } from 'node:fs/promises'
import type { ExecEvent, ExecRequest, OpenContext, Session } from '@train-ts/core'
import type { EmulatorKnobs } from '@train-ts/transport-awsssm/emulator'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import driver from '@train-ts/transport-awsssm'
import type { AwsSsmOptions } from '@train-ts/transport-awsssm'

export interface Outcome {
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly code: number | null | undefined
  readonly signal: string | null | undefined
  readonly truncated: readonly string[]
}

export const nodeId = 'i-0123456789abcdef0'

export function openContext(signal: AbortSignal = new AbortController().signal): OpenContext {
  return {
    signal,
    dial: () => Promise.reject(new Error('not here')),
    notice: () => undefined,
    lost: () => undefined,
    prompt: () => Promise.reject(new Error('nobody')),
  }
}

export function execRequest(command: string, more: Partial<ExecRequest> = {}): ExecRequest {
  const nothing = { stdin: undefined, env: undefined, cwd: undefined, pty: undefined, runAs: undefined, timeout: undefined }
  return { ...nothing, command, signal: new AbortController().signal, ...more }
}

export async function* once(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  yield Buffer.from(bytes)
}

export async function outcome(events: AsyncIterable<ExecEvent>): Promise<Outcome> {
  const out: Uint8Array[] = []
  const err: Uint8Array[] = []
  let exit: Extract<ExecEvent, { type: 'exit' }> | undefined
  for await (const event of events) {
    if (event.type === 'stdout') out.push(event.data)
    if (event.type === 'stderr') err.push(event.data)
    if (event.type === 'exit') exit = event
  }
  return { stdout: Buffer.concat(out), stderr: Buffer.concat(err), code: exit?.code, signal: exit?.signal, truncated: exit?.truncated ?? [] }
}

/** An emulator, and a session of the driver on its first node. */
export async function start(knobs: EmulatorKnobs = {}, more: Partial<AwsSsmOptions> = {}) {
  const emulator = await startEmulator({ pickUp: [5, 30], visible: [0, 10], publish: [1, 10], ...knobs })
  const options: AwsSsmOptions = { host: nodeId, mode: 'run-command', execution_timeout: 600_000, output_limit: 8_388_608, max_concurrency: '50', max_errors: '100%', ...emulator.options, ...more }
  const opened: Session[] = []
  return {
    emulator,
    options,
    async open(context: OpenContext = openContext()): Promise<Session> {
      const session = await driver.open(options, context)
      opened.push(session)
      return session
    },
    /** Requests of this operation so far. */
    count: (operation: string) => emulator.calls.filter((call) => call.operation === operation).length,
    async [Symbol.asyncDispose]() {
      for (const session of opened) await session.close()
      await emulator.close()
    },
  }
}

/** Resolves when `condition` holds: tests wait for what they look for, not for a time. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, patience = 10_000): Promise<void> {
  const deadline = performance.now() + patience
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}

/** Whether a process with exactly this command line runs on this machine. */
export async function alive(line: string): Promise<boolean> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (text.replaceAll('\0', ' ').trim() === line) return true
  }
  return false
}
