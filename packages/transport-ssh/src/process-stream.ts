// A program whose stdin and stdout are the connection (ProxyCommand).
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { Duplex } from 'node:stream'
import { TransportError } from '@train-ts/core'

const longestComplaint = 1000

/** Resolves at once; a program that fails ends the stream with what it said. Destroying the stream ends the program. */
export function openProgram(command: string): Duplex {
  // A process group of its own, so that what the shell starts ends with it.
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  return new ProcessStream(child, command)
}

class ProcessStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams
  #ended = false

  constructor(child: ChildProcessWithoutNullStreams, command: string) {
    super()
    this.#child = child
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-longestComplaint)
    })
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause()
    })
    child.stdin.on('error', () => undefined) // it reads no more; its end says why
    child.stdout.on('error', () => undefined)
    child.stderr.on('error', () => undefined)
    child.on('error', (cause) => this.destroy(cause))
    child.on('close', (code, signal) => {
      this.#ended = true
      if (code === 0) return void this.push(null)
      const said = complaint.trim().split('\n').at(-1) ?? ''
      const how = signal === null ? `code ${code}` : `signal ${signal}`
      this.destroy(new TransportError('CONNECT_FAILED', `The ProxyCommand ended with ${how}${said === '' ? '' : `: ${said}`}.`, { hint: `It was: ${command}` }))
    })
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#child.stdin.destroyed) return done()
    this.#child.stdin.write(chunk, () => done())
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { pid } = this.#child
    if (this.#ended || pid === undefined) return done(error)
    this.#child.once('close', () => done(error))
    try {
      process.kill(-pid, 'SIGTERM')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }
}
