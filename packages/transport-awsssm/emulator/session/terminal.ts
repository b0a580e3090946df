// A real pseudo-terminal with a shell, by way of util-linux's `script`: Node has none of its own.
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface TerminalHandlers {
  /** Resolves when more may come. */
  output(bytes: Uint8Array): Promise<void>
  ended(): void
}

export interface Terminal {
  write(bytes: Uint8Array): void
  resize(columns: number, rows: number): void
  kill(): void
}

/** The user's own shell settings stay out of it: as ssm-user's, this is a bare `sh`. */
export function startTerminal(directory: string, id: string, handlers: TerminalHandlers): Terminal {
  const name = join(directory, `${id}.tty`)
  const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: directory, TMPDIR: directory, TERM: 'xterm-256color', LANG: 'C.UTF-8' }
  const child = spawn('script', ['-qefc', `tty > '${name}'; exec sh`, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'], env: environment, cwd: directory, detached: true })
  child.stdin.on('error', () => undefined)
  const pump = async (): Promise<void> => {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) { // no encoding is set
      // The agent reads at most 1024 bytes at once.
      for (let start = 0; start < chunk.byteLength; start += 1_024) await handlers.output(chunk.subarray(start, start + 1_024))
    }
  }
  const pumped = pump().catch(() => undefined)
  child.once('error', () => handlers.ended())
  child.once('close', () => void pumped.then(() => handlers.ended()))
  return {
    write: (bytes) => void child.stdin.write(bytes),
    resize(columns, rows) {
      const size = ['cols', String(columns), 'rows', String(rows)]
      readFile(name, 'utf8').then((tty) => execFile('stty', ['-F', tty.trim(), ...size], () => undefined), () => undefined)
    },
    kill: () => killAll(child),
  }
}

/** `script` ends its shell by hanging up when it is ended itself. */
function killAll(child: ChildProcess): void {
  child.stdout?.destroy()
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), 500)
  child.once('exit', () => clearTimeout(limit))
}
