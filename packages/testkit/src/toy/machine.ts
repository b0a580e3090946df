// A far side in memory, for the saboteurs: processes, files and gates without an operating system, so that a whole run of the kit takes no time.
import { setImmediate } from 'node:timers/promises'
import type { FarSide } from '../harness.js'
import { Meeting } from './meeting.js'
import { runProgram } from './programs.js'
import type { ToyExit, ToyMachine, ToyProcess, ToySignal, ToyStreams } from './types.js'

export class Machine implements ToyMachine, FarSide {
  readonly files = new Map<string, string>()
  readonly directories = new Set(['/'])
  readonly processes = new Map<number, ToyProcess>()
  readonly #gates = new Map<string, Meeting>()
  #ids = 0

  gate(path: string): Meeting {
    const gate = this.#gates.get(path) ?? new Meeting()
    this.#gates.set(path, gate)
    return gate
  }

  newId(): number {
    this.#ids += 1
    return this.#ids
  }

  add(process: Partial<ToyProcess>): ToyProcess {
    const id = this.newId()
    const added = { id, leader: id, session: id, isDeaf: false, commandLine: '', killed: new AbortController(), ...process }
    this.processes.set(id, added)
    return added
  }

  kill(process: ToyProcess, signal: ToySignal): void {
    if (process.isDeaf && signal === 'TERM') return
    this.processes.delete(process.id)
    process.killed.abort(new Error(`killed by ${signal}`))
  }

  /** What a command has started and is still there. */
  family(leader: number): readonly ToyProcess[] {
    return [...this.processes.values()].filter((process) => process.leader === leader)
  }

  /** Starts a command; what it leaves in the background stays. */
  start(command: string, streams: ToyStreams, commandLine = command): { readonly process: ToyProcess; readonly exit: Promise<ToyExit> } {
    const process = this.add({ commandLine })
    const killed = new Promise<ToyExit>((resolve) => {
      process.killed.signal.addEventListener('abort', () => resolve({ code: null, signal: 'KILL' }), { once: true })
    })
    let written = 0
    const write: ToyStreams['write'] = async (stream, data) => {
      written += data.byteLength
      // A program must not keep everybody else from their turn.
      if (written > 65_536) {
        written = 0
        await setImmediate()
      }
      process.killed.signal.throwIfAborted()
      await streams.write(stream, data)
    }
    const exit = Promise.race([killed, runProgram(command, { ...streams, write, machine: this, process })])
    return { process, exit: exit.finally(() => { this.processes.delete(process.id) }) }
  }

  /** The machine looked at from beside the transport. */
  async run(command: string): Promise<{ readonly exitCode: number | null; readonly stdout: string }> {
    await setImmediate()
    const chunks: Uint8Array[] = []
    const { exit } = this.start(command, {
      write: async (stream, data) => { if (stream === 'stdout') chunks.push(data) },
      read: async () => undefined,
      env: new Map(), cwd: '/', pty: undefined,
    })
    const { code } = await exit
    return { exitCode: code, stdout: Buffer.concat(chunks).toString() }
  }
}
