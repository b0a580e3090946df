import type { Terminal } from '@train-ts/core'
import type { Meeting } from './meeting.js'

/** Polite or not: a deaf process takes no notice of TERM. */
export type ToySignal = 'TERM' | 'KILL'

export interface ToyProcess {
  readonly id: number
  /** The process that was started for the command, its own id for that one. */
  readonly leader: number
  /** Its session's first process. */
  readonly session: number
  readonly isDeaf: boolean
  /** As every user of the machine may see it. */
  readonly commandLine: string
  /** Aborts when it is killed. */
  readonly killed: AbortController
}

/** What a program has of the world. */
export interface ToyStreams {
  /** Resolves when there is room for more. */
  write(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void>
  /** Undefined at the end. */
  read(): Promise<Uint8Array | undefined>
  readonly env: ReadonlyMap<string, string>
  readonly cwd: string
  readonly pty: Terminal | undefined
}

export interface ToyExit {
  readonly code: number | null
  readonly signal: string | null
}

/** What programs do to the machine that they run on. */
export interface ToyMachine {
  readonly files: Map<string, string>
  readonly directories: Set<string>
  readonly processes: Map<number, ToyProcess>
  gate(path: string): Meeting
  newId(): number
  /** A process beside those of commands. */
  add(process: Partial<ToyProcess>): ToyProcess
  kill(process: ToyProcess, signal: ToySignal): void
}
