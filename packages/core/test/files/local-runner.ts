// A ScriptRunner over a local shell, as crippled as a test wants it: what the file layer is tested against before any transport.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import type { Capabilities, ExecEvent } from '../../src/driver.js'
import { TransportError } from '../../src/errors.js'
import type { ScriptRequest, ScriptResult, ScriptRunner } from '../../src/script-runner.js'
import { quotePosix } from '../../src/shell/quote-posix.js'

export interface LocalRunnerOptions {
  readonly stdin?: 'live' | 'whole' | 'none'
  readonly binary?: boolean
  readonly limits?: Partial<Capabilities['limits']>
  /** The far side's sh. */
  readonly shell?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Where the far side works, also behind a chroot. */
  readonly farDirectory?: string
  readonly uid?: number
  /** Called with each exec before it starts; may throw, as a lost connection does. */
  readonly onExec?: (request: ScriptRequest, index: number) => void | Promise<void>
  /** What a login profile would have printed. */
  readonly noise?: string
}

export interface LocalRunner extends ScriptRunner {
  /** Scripts that have been run. */
  readonly scripts: string[]
}

const boot = 'unset -f echo read [ 2>/dev/null;n=$(echo;echo x);n=${n%x};s=;while IFS= read -r l;do [ "$l" = "$1" ]&&break;s=$s$l$n;done;eval "$s"'
const token = 'cafe0123456789abcdef0123456789ab'

export function createLocalRunner(options: LocalRunnerOptions = {}): LocalRunner {
  const stdin = options.stdin ?? 'live'
  const capabilities: Capabilities = {
    shell: 'posix', stderr: true, exitCode: true, stdin, streaming: true, kill: 'tree', binary: options.binary ?? true, privateInput: true,
    env: true, cwd: true, pty: false, runAs: false, concurrency: 4,
    limits: { command: stdin === 'none' ? 8_000 : 131_071, stdin: Infinity, stdout: Infinity, stderr: Infinity, ...options.limits },
  }
  const scripts: string[] = []
  const shell = options.shell ?? ['/bin/sh']

  async function* stream(request: ScriptRequest): AsyncGenerator<ExecEvent, void> {
    scripts.push(request.script)
    if (/[^\x00-\x7f]/.test(request.script)) throw new TypeError('a script is ASCII')
    await options.onExec?.(request, scripts.length)
    checkAborted()
    const live = stdin === 'live'
    const whole = request.library === undefined ? request.script : `${request.library}\n${request.script}`
    const script = options.farDirectory === undefined ? whole : `cd ${options.farDirectory}\n${whole}`
    const command = `exec sh -c ${quotePosix(script)}`
    if (!live && command.length + 512 > capabilities.limits.command) throw new TransportError('UNSUPPORTED', `a command of ${String(command.length)} bytes is too long`)
    if (stdin === 'none' && request.input !== undefined) throw new TransportError('UNSUPPORTED', 'there is no stdin')
    if (stdin === 'whole' && request.input instanceof Uint8Array && request.input.length > capabilities.limits.stdin) throw new TransportError('UNSUPPORTED', 'too much for stdin')
    const [args, head] = !live ? [['-c', script], ''] : request.input === undefined ? [['-s'], `${script}\n`] : [['-c', boot, 'sh', token], `${script}\n${token}\n`]
    const child = spawn(shell[0] ?? '/bin/sh', [...shell.slice(1), ...args], {
      env: { HOME: '/tmp', PATH: process.env['PATH'], ...options.env },
      cwd: options.cwd,
      detached: true,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    })
    const kill = (): void => {
      if (child.pid !== undefined && child.exitCode === null) try { process.kill(-child.pid, 'SIGKILL') } catch { /* gone */ }
    }
    request.signal?.addEventListener('abort', kill, { once: true })
    const events: ExecEvent[] = []
    let wake = (): void => undefined
    let ended = false
    let sourceError: { readonly error: unknown } | undefined
    let room = capabilities.limits.stdout
    let cut = false
    const emit = (event: ExecEvent): void => { events.push(event); wake() }
    const take = (data: Buffer): void => {
      const seen = capabilities.binary ? data : Buffer.from(data.toString('latin1').replaceAll('\0', '').replaceAll('\n', '\r\n').replace(/[\x80-\xff]/g, '?'), 'latin1')
      const part = seen.subarray(0, room)
      room -= part.length
      cut ||= part.length < seen.length
      if (part.length > 0) emit({ type: 'stdout', data: part })
    }
    if (options.noise !== undefined) take(Buffer.from(options.noise))
    child.stdout.on('data', take)
    child.stderr.on('data', (data: Buffer) => emit({ type: 'stderr', data }))
    child.stdin.on('error', () => undefined)
    child.on('error', (error) => { sourceError = { error }; ended = true; wake() })
    child.on('close', (code, signal) => { emit({ type: 'exit', code, signal, ...(cut ? { truncated: ['stdout' as const] } : {}) }); ended = true; wake() })
    void feed().catch((error: unknown) => { sourceError = { error }; kill() })
    try {
      for (;;) {
        const event = events.shift()
        if (event !== undefined) yield event
        else if (ended) break
        else await new Promise<void>((resolve) => { wake = resolve })
      }
      checkAborted()
      if (sourceError !== undefined) throw new TransportError('ABORTED', 'the source of stdin failed', { cause: sourceError.error })
    } finally {
      request.signal?.removeEventListener('abort', kill)
      kill()
    }

    function checkAborted(): void {
      if (request.signal?.aborted === true) throw new TransportError('ABORTED', 'aborted', { cause: request.signal.reason })
    }

    async function feed(): Promise<void> {
      const closed = new Promise((resolve) => child.stdin.once('close', resolve))
      const write = async (data: Uint8Array): Promise<void> => {
        if (!child.stdin.write(data) && !child.stdin.destroyed) await Promise.race([new Promise((resolve) => child.stdin.once('drain', resolve)), closed])
      }
      await write(Buffer.from(head))
      const input = request.input instanceof Uint8Array ? [request.input] : (request.input ?? [])
      for await (const chunk of input) {
        if (child.stdin.destroyed) break
        await write(chunk)
      }
      child.stdin.end()
    }
  }

  return {
    capabilities,
    isElevated: false,
    scripts,
    stream,
    inputLimit: () => (stdin === 'none' ? 0 : capabilities.limits.stdin),
    async run(request): Promise<ScriptResult> {
      const [stdout, stderr]: [Uint8Array[], Uint8Array[]] = [[], []]
      let exitCode: number | null = null
      let truncated = false
      for await (const event of stream(request)) {
        if (event.type === 'stdout') stdout.push(event.data)
        else if (event.type === 'stderr') stderr.push(event.data)
        else if (event.type === 'exit') { exitCode = event.code; truncated = event.truncated !== undefined }
      }
      return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), truncated }
    },
  }
}

/** The ways in which transports carry scripts and bytes. */
export const ways: Readonly<Record<string, LocalRunnerOptions>> = {
  'live stdin': {},
  'whole stdin of 20 KB, stdout of 17 KB': { stdin: 'whole', limits: { command: 60_000, stdin: 20_000, stdout: 17_000 } },
  'no stdin, commands of 8,000 bytes': { stdin: 'none' },
  'text only, no stdin': { stdin: 'none', binary: false, limits: { stdout: 9_000 } },
}

/** argv of a shell of this machine, undefined where it is not installed. `busybox sh` is an applet. */
export function findShell(name: string): readonly string[] | undefined {
  const [program = '', ...rest] = name.split(' ')
  const found = (process.env['PATH'] ?? '').split(delimiter).map((directory) => `${directory}/${program}`).find((path) => existsSync(path))
  if (found === undefined && process.env['TRAIN_REQUIRE_PEERS'] === '1') throw new Error(`The peer '${program}' is required (TRAIN_REQUIRE_PEERS=1) and missing`)
  return found === undefined ? undefined : [found, ...rest]
}
