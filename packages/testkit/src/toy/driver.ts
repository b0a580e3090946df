import { once, setMaxListeners } from 'node:events'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import type { AnyDriver, DeclaredCapabilities, ExecEvent, ExecRequest, Session, ShellStream } from '@train-ts/core'
import { Channel } from './channel.js'
import type { Machine } from './machine.js'
import type { ToyProcess, ToyStreams } from './types.js'

const capabilities: DeclaredCapabilities = {
  shell: 'none', stderr: true, exitCode: true, stdin: 'live', streaming: true, kill: 'tree', binary: true, privateInput: true, env: true, cwd: true,
  pty: true, concurrency: 64, limits: { command: 20_000 },
}

/** What a saboteur may do otherwise. */
export interface ToyFaults {
  /** Ends what a stopped command has left; resolves when the driver takes it for gone. Default: all of it, at once. */
  readonly end?: (machine: Machine, leader: ToyProcess) => Promise<void>
  /** The command line that every user of the machine sees. */
  readonly commandLine?: (request: ExecRequest) => string
  /** Between a command's end and its exit event. */
  readonly onExit?: (machine: Machine, leader: ToyProcess) => Promise<void>
}

/** A correct driver of the toy machine, with all that a driver can declare. */
export function toyDriver(machine: Machine, faults: ToyFaults = {}): AnyDriver {
  return {
    name: 'toy',
    specVersion: 1,
    schemes: ['toy'],
    options: { password: { type: 'secret', describe: 'Not needed, but kept.' } },
    async open(_options, context): Promise<Session> {
      context.signal.throwIfAborted()
      const closed = new AbortController()
      setMaxListeners(0, closed.signal)
      return {
        capabilities,
        exec: (request) => exec(machine, request, closed.signal, faults),
        close: async () => closed.abort(Object.assign(new Error('the session is closed'), { code: 'CONNECTION_CLOSED' })),
        shell: async () => shell(),
        forward: async (to, { signal }) => {
          if (!('port' in to)) throw new Error('there are no sockets of files here')
          const socket = connect({ port: to.port, host: '127.0.0.1', allowHalfOpen: true })
          await once(socket, 'connect', { signal })
          return socket
        },
        loginCommand: () => ['toy', 'login'],
      }
    },
  }
}

async function* exec(machine: Machine, request: ExecRequest, closed: AbortSignal, faults: ToyFaults): AsyncGenerator<ExecEvent, void, undefined> {
  request.signal.throwIfAborted()
  if (request.cwd !== undefined && !machine.directories.has(request.cwd)) throw Object.assign(new Error('no such directory'), { code: 'FILE_NOT_FOUND', details: { reason: 'cwd' } })
  const channel = new Channel()
  const stdin = request.stdin?.[Symbol.asyncIterator]()
  const { process, exit } = machine.start(request.command, streamsOf(request, channel, stdin), faults.commandLine?.(request))
  void exit.then(async (value) => {
    await faults.onExit?.(machine, process)
    channel.end({ type: 'exit', ...value })
  })
  let ended: Promise<void> | undefined
  const end = faults.end ?? endAll
  const stop = (): void => {
    ended ??= end(machine, process).finally(() => {
      channel.fail((closed.aborted ? closed : request.signal).reason as Error) // core and this driver abort with Errors
    })
  }
  for (const signal of [request.signal, closed]) signal.addEventListener('abort', stop, { once: true })
  let isOver = false
  try {
    yield* channel
    isOver = true
  } finally {
    for (const signal of [request.signal, closed]) signal.removeEventListener('abort', stop)
    void stdin?.return?.()?.catch(() => undefined)
    if (!isOver) stop()
    await ended
  }
}

async function endAll(machine: Machine, { id }: ToyProcess): Promise<void> {
  for (const process of machine.family(id)) machine.kill(process, 'KILL')
}

function streamsOf(request: ExecRequest, channel: Channel, stdin: AsyncIterator<Uint8Array> | undefined): ToyStreams {
  return {
    write: (type, data) => channel.write({ type, data }),
    read: async () => {
      const step = await stdin?.next()
      return step === undefined || step.done === true ? undefined : step.value
    },
    env: new Map([...(request.env ?? [])].map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()])),
    cwd: request.cwd ?? '/',
    pty: request.pty,
  }
}

/** Knows one question, and how to leave. */
function shell(): ShellStream {
  let typed = ''
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      typed += chunk.toString()
      if (typed.includes('ask\r')) stream.push('ask\r\nanswer=42\r\n')
      if (typed.includes('leave\r')) stream.destroy()
      typed = typed.slice(typed.lastIndexOf('\r') + 1)
      done()
    },
  })
  return stream
}
