import { raceAbort } from '../abort.js'
import type { DeclaredCapabilities, ExecEvent, ExecRequest, PlatformHint, Session, TransportDriver } from '../driver.js'
import { TransportError } from '../errors.js'

/** What a mocked command answers; a string is stdout with exit code 0. */
export type MockAnswer =
  | string
  | { readonly stdout?: string | Uint8Array; readonly stderr?: string | Uint8Array; readonly exitCode?: number | null; readonly signal?: string }

/** By the command's text, or computed from the whole request; undefined: not mocked, which is exit code 127. */
export type MockCommands = Readonly<Record<string, MockAnswer>> | ((request: ExecRequest) => MockAnswer | undefined | Promise<MockAnswer | undefined>)

/** Options of `mock:`. */
export interface MockOptions {
  readonly commands: MockCommands
  readonly capabilities: DeclaredCapabilities
  readonly platform: PlatformHint
}

const capabilities: DeclaredCapabilities = {
  shell: 'posix',
  stderr: true,
  exitCode: true,
  stdin: 'live',
  streaming: true,
  kill: 'tree',
  binary: true,
  privateInput: true,
  env: true,
  cwd: true,
  pty: true,
  runAs: true,
  concurrency: 64,
  limits: { command: Infinity },
}

/** A machine made of answers, for the tests of programs that use a connection. Nothing is run. */
export const mockDriver: TransportDriver<MockOptions> = {
  name: '@train-ts/core',
  specVersion: 1,
  schemes: ['mock'],
  options: {
    commands: { type: 'value', default: {}, describe: 'Answers by command, or a function from the request to an answer.' },
    capabilities: { type: 'value', default: {}, describe: 'What this machine declares, to imitate another transport.' },
    platform: { type: 'value', default: {}, describe: "What platform() answers, e.g. { name: 'debian', family: 'debian' }." },
  },
  open(options): Promise<Session> {
    const closing = new AbortController()
    return Promise.resolve({
      capabilities: { ...capabilities, ...options.capabilities },
      exec: (request) => answer(options.commands, request, closing.signal),
      platform: () => Promise.resolve({ name: 'mock', family: 'mock', ...options.platform }),
      close: () => {
        closing.abort(new TransportError('CONNECTION_CLOSED', 'The session is closed.'))
        return Promise.resolve()
      },
    })
  },
}

function answerOf(commands: Readonly<Record<string, MockAnswer>>, command: string): MockAnswer | undefined {
  return Object.hasOwn(commands, command) ? commands[command] : undefined
}

/** `'systemctl' 'restart' 'nginx'`, as an array arrives, is found as `systemctl restart nginx` too. */
function unquoted(command: string): string {
  return command.replace(/'([\w@%+=:,./-]+)'/g, '$1')
}

async function* answer(commands: MockCommands, request: ExecRequest, closing: AbortSignal): AsyncGenerator<ExecEvent, void, undefined> {
  request.signal.throwIfAborted()
  const found =
    typeof commands === 'function'
      ? await raceAbort(raceAbort(Promise.resolve(commands(request)), request.signal), closing)
      : (answerOf(commands, request.command) ?? answerOf(commands, unquoted(request.command)))
  request.signal.throwIfAborted()
  const { stdout, stderr, exitCode, signal } =
    typeof found === 'string' ? { stdout: found } : (found ?? { stderr: `mock: no answer for: ${request.command}\n`, exitCode: 127 })
  if (stdout !== undefined && stdout.length > 0) yield { type: 'stdout', data: Buffer.from(stdout) }
  if (stderr !== undefined && stderr.length > 0) yield { type: 'stderr', data: Buffer.from(stderr) }
  yield { type: 'exit', code: signal === undefined ? (exitCode ?? 0) : null, signal: signal ?? null }
}
