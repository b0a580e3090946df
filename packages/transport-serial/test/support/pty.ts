// A program on a pseudo-terminal, by util-linux `script` (Node has no pty of its own), as the stream that the engine takes.
import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'

export interface PtyOptions {
  readonly environment?: NodeJS.ProcessEnv
  readonly directory?: string
}

/** Starts `command` (for sh) on a terminal of its own. Destroying the stream hangs it up. */
export function openPty(command: string, options: PtyOptions = {}): Duplex & { readonly pid: number | undefined } {
  const child = spawn('script', ['-q', '-e', '-f', '-c', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'], cwd: options.directory, env: options.environment ?? process.env, detached: true,
  })
  const stream = new Duplex({
    read: () => { child.stdout.resume() },
    write: (data: Buffer, _encoding, done) => { child.stdin.write(data, () => { done() }) },
    final: (done) => {
      child.stdin.end()
      done()
    },
    destroy: (error, done) => {
      child.kill('SIGHUP')
      child.stdin.destroy()
      child.stdout.destroy()
      done(error)
    },
  })
  child.stdin.on('error', () => undefined)
  child.stdout.on('data', (data: Buffer) => { if (!stream.push(data)) child.stdout.pause() })
  child.stdout.on('end', () => { stream.push(null) })
  child.on('exit', () => { stream.destroy() })
  return Object.assign(stream, { pid: child.pid })
}
