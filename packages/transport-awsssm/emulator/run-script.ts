// The agent's aws:runShellScript plugin: a script file, `sh -c` with its path, and the agent's own view of the end.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentCut } from './cuts.js'

export interface ScriptJob {
  readonly directory: string
  readonly commands: readonly string[]
  readonly workingDirectory: string | undefined
  readonly environment: Readonly<Record<string, string>>
  /** Milliseconds until SIGKILL. */
  readonly timeout: number
}

export interface ScriptReport {
  readonly status: 'Success' | 'Failed' | 'TimedOut' | 'Cancelled'
  readonly code: number
  /** As the agent sends them to the service: already cut. */
  readonly stdout: string
  readonly stderr: string
  /** 194: the agent reboots the node and runs the step again. */
  readonly reboot: boolean
}

export interface RunningScript {
  readonly done: Promise<ScriptReport>
  /** CancelCommand: SIGKILL to the process group. */
  cancel(): void
}

export function runScript(job: ScriptJob): RunningScript {
  let ended: 'cancelled' | 'timed-out' | undefined
  let child: ChildProcess | undefined
  const kill = (how: 'cancelled' | 'timed-out'): void => {
    ended ??= how
    if (child !== undefined) killGroup(child)
  }
  const run = async (): Promise<ScriptReport> => {
    await mkdir(job.directory, { recursive: true })
    const file = join(job.directory, '_script.sh')
    await writeFile(file, `${job.commands.join('\n')}\n`, { mode: 0o755 })
    const given = job.workingDirectory
    if (given?.startsWith('/') === true && !existsSync(given)) {
      return { status: 'Failed', code: 1, stdout: '', stderr: 'failed to run commands: fork/exec /usr/bin/sh: no such file or directory', reboot: false }
    }
    if (ended !== undefined) return { status: 'Cancelled', code: 137, stdout: '', stderr: '', reboot: false }
    const cwd = given?.startsWith('/') === true ? given : job.directory
    const started = spawn('sh', ['-c', file], { cwd, env: job.environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    child = started
    const timer = setTimeout(() => kill('timed-out'), job.timeout)
    const [code, stdout, stderr] = await Promise.all([exitCode(started, () => ended !== undefined), collect(started.stdout), collect(started.stderr)])
    clearTimeout(timer)
    return report(code, stdout, stderr, ended)
  }
  const done = run().finally(() => rm(job.directory, { recursive: true, force: true }))
  return { done, cancel: () => kill('cancelled') }
}

/** The agent waits until nobody holds the streams any more, unless it has killed the group itself. */
function exitCode(child: ChildProcess, killed: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    let code = -1
    child.once('error', () => resolve(-1))
    child.once('exit', (status, signal) => {
      code = status ?? 128 + (signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 1)
      if (!killed()) return
      child.stdout?.destroy()
      child.stderr?.destroy()
      resolve(code)
    })
    child.once('close', () => resolve(code))
  })
}

/** Keeps a little more than the agent reports, and reads on. */
function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      if (size <= 24_000) chunks.push(chunk)
      size += chunk.byteLength
    })
    stream.once('close', () => resolve(Buffer.concat(chunks)))
    stream.once('error', () => undefined)
  })
}

function report(code: number, stdout: Buffer, stderr: Buffer, ended: 'cancelled' | 'timed-out' | undefined): ScriptReport {
  const make = (status: ScriptReport['status'], out: Buffer, error: Buffer, reboot = false): ScriptReport =>
    ({ status, code: ended === undefined ? code : 137, stdout: agentCut(out), stderr: agentCut(error), reboot })
  if (ended === 'cancelled') return make('Cancelled', stdout, stderr)
  if (ended === 'timed-out' || code === 137) return make('TimedOut', stdout, stderr)
  if (code === 0) return make('Success', stdout, stderr)
  if (code === 194) return make('Success', stdout, stderr, true)
  if (code === 168) return make('Success', append(stdout, '\nStep exited with code 168. Therefore, marking step as succeeded. Further document steps will be skipped.'), Buffer.alloc(0))
  if (code === 169) {
    const text = '\nStep exited with code 169. Therefore, marking step as Failed. Further document steps will be skipped.'
    return make('Failed', append(stdout, text), append(stderr, text))
  }
  return make('Failed', stdout, append(stderr, `failed to run commands: exit status ${String(code)}`))
}

function append(bytes: Buffer, text: string): Buffer {
  return Buffer.concat([bytes, Buffer.from(text)])
}

export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
