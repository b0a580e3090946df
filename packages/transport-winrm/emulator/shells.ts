// Shells and the processes in them.
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { endJob, jobVariable } from './job.js'
import type { SpawnCommand } from './knobs.js'
import type { Output } from './replies.js'

/** After a process has ended, what still holds its streams is waited for this long after the last output. */
const quiet = 250
/** Bytes that are read ahead of the client. */
const maxUnread = 262_144

export interface Command {
  readonly id: string
  write(data: Buffer, end: boolean): Promise<void>
  /** At most `limit` bytes of output, when there is some, or the end; undefined after `timeout` ms, or when the command was stopped. */
  receive(timeout: number, limit: number, gone: AbortSignal): Promise<{ readonly output: readonly Output[]; readonly exitCode: number | undefined } | 'timeout' | 'stopped'>
  /** As Signal: ends it, and all that it started. */
  terminate(): Promise<void>
  /** The same, and what a command that has ended left behind: as the end of its shell does. */
  end(): Promise<void>
}

export interface Shell {
  readonly id: string
  readonly cwd: string | undefined
  readonly commands: ReadonlyMap<string, Command>
  start(line: string, commandId: string | undefined): Command
  /** Ends all processes. */
  end(): Promise<void>
}

export function createShell(spawn: SpawnCommand, env: ReadonlyMap<string, string>, cwd: string | undefined): Shell {
  const commands = new Map<string, Command>()
  return {
    id: randomUUID().toUpperCase(),
    cwd,
    commands,
    start(line, commandId = randomUUID().toUpperCase()) {
      const job = randomUUID()
      const command = createCommand(commandId, spawn(line, { env: new Map([...env, [jobVariable, job]]), cwd }), job)
      commands.set(commandId, command)
      return command
    },
    async end() {
      await Promise.all([...commands.values()].map((command) => command.end()))
    },
  }
}

function createCommand(id: string, child: ChildProcess, job: string): Command {
  const waiting: Output[] = []
  let exitCode: number | undefined
  let done = false
  let stopped = false
  let unread = 0
  const waiters = new Set<() => void>()
  const wake = (): void => waiters.forEach((waiter) => waiter())
  let timer: NodeJS.Timeout | undefined
  const open = new Set<unknown>()
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })

  function settle(): void {
    clearTimeout(timer)
    if (exitCode === undefined || done) return
    if (open.size === 0) finish()
    else timer = setTimeout(finish, quiet)
  }
  function finish(): void {
    done = true
    clearTimeout(timer)
    wake()
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const readable = child[stream]
    if (readable === null) continue
    open.add(readable)
    readable.on('data', (data: Buffer) => {
      waiting.push({ stream, data })
      unread += data.length
      // Back pressure, as a pipe has it.
      if (unread > maxUnread) readable.pause()
      settle()
      wake()
    })
    readable.once('close', () => {
      open.delete(readable)
      settle()
    })
  }
  child.stdin?.on('error', () => undefined)
  child.once('error', () => {
    exitCode ??= 9009
    finish()
  })
  child.once('exit', (code, signal) => {
    exitCode ??= code ?? 128 + (signal === null ? 0 : constants.signals[signal])
    settle()
  })

  function take(limit: number): readonly Output[] {
    const output: Output[] = []
    for (let left = limit; left > 0; ) {
      const next = waiting.shift()
      if (next === undefined) break
      const data = next.data.subarray(0, left)
      if (data.length < next.data.length) waiting.unshift({ stream: next.stream, data: next.data.subarray(data.length) })
      output.push({ stream: next.stream, data })
      left -= data.length
      unread -= data.length
    }
    if (unread < maxUnread) for (const readable of [child.stdout, child.stderr]) readable?.resume()
    return output
  }

  const command: Command = {
    id,
    write(data, end) {
      const stdin = child.stdin
      if (stdin === null || stdin.destroyed || stdin.writableEnded) return Promise.resolve()
      return new Promise((resolve) => {
        const written = (): void => resolve()
        stdin.once('close', written)
        if (end) stdin.end(data, written)
        else stdin.write(data, written)
      })
    },
    async receive(timeout, limit, gone) {
      const deadline = Date.now() + timeout
      gone.addEventListener('abort', wake, { once: true })
      // Who asked and went away takes nothing with him: he may ask again.
      while (!gone.aborted && waiting.length === 0 && !done && !stopped) {
        const left = deadline - Date.now()
        if (left <= 0) return 'timeout'
        await new Promise<void>((resolve) => {
          const limitTimer = setTimeout(resolve, left)
          const waiter = (): void => {
            clearTimeout(limitTimer)
            waiters.delete(waiter)
            resolve()
          }
          waiters.add(waiter)
        })
      }
      if (stopped || gone.aborted) return 'stopped'
      const output = take(limit)
      return { output, exitCode: done && waiting.length === 0 ? exitCode : undefined }
    },
    async terminate() {
      // Of a command that has ended, what it left in the background lives on.
      if (done) return
      stopped = true
      wake()
      await command.end()
    },
    async end() {
      stopped = true
      wake()
      await endJob(child, job)
      clearTimeout(timer)
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
      if (child.pid !== undefined) await ended
    },
  }
  return command
}
