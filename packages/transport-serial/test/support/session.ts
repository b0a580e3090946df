// Drives a session as core does, for tests of the engine below core.
import { openTty } from '@train-ts/core/tty'
import type { TtyEngineOptions } from '@train-ts/core/tty'
import type { Duplex } from 'node:stream'

type Session = Awaited<ReturnType<typeof openTty>>
type OpenContext = Parameters<typeof openTty>[2]

export interface Opened {
  readonly session: Session
  readonly notices: { readonly code: string; readonly message: string }[]
  /** Resolves when the session says that it died. */
  readonly lost: Promise<unknown>
}

export async function openOn(stream: Duplex, options: Partial<TtyEngineOptions> = {}, signal = new AbortController().signal): Promise<Opened> {
  const notices: { readonly code: string; readonly message: string }[] = []
  let die: (cause: unknown) => void = () => undefined
  const lost = new Promise<unknown>((resolve) => { die = resolve })
  const context: OpenContext = {
    signal, lost: (cause) => { die(cause) }, notice: (notice) => { notices.push(notice) },
    prompt: () => Promise.reject(new Error('nobody listens')), dial: () => Promise.reject(new Error('no network here')),
  }
  return { session: await openTty(stream, { dialect: 'posix', ...options }, context), notices, lost }
}

export interface Ran { readonly stdout: Buffer; readonly stderr: Buffer; readonly code: number | null; readonly text: string }

export interface RunOptions {
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
}

export async function run(session: Session, command: string, options: RunOptions = {}): Promise<Ran> {
  const out: Uint8Array[] = []
  const err: Uint8Array[] = []
  let code: number | null = null
  const stdin = options.stdin instanceof Uint8Array ? once(options.stdin) : options.stdin
  const { signal = new AbortController().signal } = options
  const request = { command, stdin, signal, env: undefined, cwd: undefined, pty: undefined, runAs: undefined, timeout: undefined }
  for await (const event of session.exec(request)) {
    if (event.type === 'stdout') out.push(event.data)
    else if (event.type === 'stderr') err.push(event.data)
    else if (event.type === 'exit') code = event.code
  }
  const stdout = Buffer.concat(out)
  return { stdout, stderr: Buffer.concat(err), code, text: stdout.toString() }
}

async function* once(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data
}

export const allBytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
