import { spawn } from 'node:child_process'
import type { DeclaredCapabilities, PlatformHint, Session, TransportDriver } from '../driver.js'
import { TransportError } from '../errors.js'
import { execLocal } from './exec.js'

/** Options of `local:`. */
export interface LocalOptions {
  /** The program that runs commands with `-c`; default `/bin/sh`. */
  readonly program: string
}

const capabilities: DeclaredCapabilities = {
  shell: 'posix', stderr: true, exitCode: true, stdin: 'live', streaming: true, binary: true, privateInput: true, env: true, cwd: true,
  concurrency: 64,
  // MAX_ARG_STRLEN of Linux, less its NUL.
  limits: { command: 131_071 },
}

/** This machine. Every command is a process group of its own, which core ends when the command is stopped. */
export const localDriver: TransportDriver<LocalOptions> = {
  name: '@train-ts/core',
  specVersion: 1,
  schemes: ['local'],
  options: {
    program: { type: 'string', default: '/bin/sh', describe: 'The POSIX shell that runs commands.' },
  },
  async open(options, context): Promise<Session> {
    if (process.platform === 'win32') throw new TransportError('UNSUPPORTED', 'local: runs POSIX shells only, so far.', { hint: 'Use winrm:// to this machine.' })
    await startable(options.program, context.signal)
    const running = new Set<() => void>()
    return {
      capabilities,
      exec: (request) => execLocal(options.program, request, running),
      platform: () => Promise.resolve<PlatformHint>({}),
      close: () => {
        for (const leave of [...running]) leave()
        return Promise.resolve()
      },
    }
  },
}

/** A program that cannot be started is an error of `open`, not of the first command. */
async function startable(program: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, ['-c', 'exit 0'], { stdio: 'ignore', signal })
    child.once('error', (cause) => reject(new TransportError('CONNECT_FAILED', `${program} cannot be started.`, { cause, hint: 'The option program names a POSIX shell on this machine.', retryable: false })))
    child.once('exit', () => resolve())
  })
}
