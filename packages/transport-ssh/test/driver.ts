// The driver through its seam, without core: options as `open` gets them, a context that records.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { ExecEvent, ExecRequest, OpenContext, Session } from '@train-ts/core'
import { secret } from '@train-ts/core'
import type { Client } from 'ssh2'
import driver from '../src/index.js'
import type { SshOptions } from '../src/index.js'

export interface RecordingContext extends OpenContext {
  readonly notices: { code: string; message: string }[]
  readonly losses: unknown[]
  readonly sockets: Socket[]
}

export function context(signal: AbortSignal = new AbortController().signal, changes: Partial<OpenContext> = {}): RecordingContext {
  const notices: { code: string; message: string }[] = []
  const losses: unknown[] = []
  const sockets: Socket[] = []
  return {
    signal,
    notices,
    losses,
    sockets,
    async dial(host, port) {
      const socket = connect({ host, port })
      sockets.push(socket)
      await once(socket, 'connect')
      return socket
    },
    notice: (notice) => void notices.push(notice),
    lost: (cause) => void losses.push(cause),
    prompt: () => Promise.reject(Object.assign(new Error('nobody answers'), { code: 'AUTH_FAILED' })),
    ...changes,
  }
}

export type Given = { [Name in keyof SshOptions]?: SshOptions[Name] | undefined }

export function settings(given: Given): SshOptions {
  const defaults = Object.fromEntries(Object.entries(driver.options).map(([name, spec]) => [name, spec.default]))
  const all = { ...defaults, host: '127.0.0.1', agent: false, sshConfig: false, ...given } as unknown as SshOptions // the table's defaults with the test's values
  const target = { scheme: 'ssh', host: all.host, port: all.port, user: all.user, path: undefined }
  return driver.resolve?.(all, target) ?? all
}

export function open(given: Given, within: OpenContext = context()): Promise<Session<Client>> {
  return driver.open(settings(given), within)
}

export { secret }

export function request(command: string, changes: Partial<ExecRequest> = {}): ExecRequest {
  const { signal } = new AbortController()
  return { command, signal, stdin: undefined, env: undefined, cwd: undefined, pty: undefined, runAs: undefined, timeout: undefined, ...changes }
}

export interface Collected {
  stdout: string
  stderr: string
  exit: Extract<ExecEvent, { type: 'exit' }> | undefined
}

export async function collect(events: AsyncIterable<ExecEvent>): Promise<Collected> {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  let exit: Collected['exit']
  for await (const event of events) {
    if (event.type === 'stdout' || event.type === 'stderr') chunks[event.type].push(event.data)
    else if (event.type === 'exit') exit = event
  }
  return { stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString(), exit }
}

export function run(session: Session, command: string, changes: Partial<ExecRequest> = {}): Promise<Collected> {
  return collect(session.exec(request(command, changes)))
}

export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string; details?: Record<string, unknown>; hint?: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error & { code?: string; details?: Record<string, unknown> } // the tests look at it
  }
  throw new Error('it did not fail')
}

export async function* feed(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
