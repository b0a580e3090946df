// What a test may turn on the emulated machine.
import type { ChildProcess } from 'node:child_process'

export type Scheme = 'Basic' | 'Negotiate' | 'Kerberos' | 'Certificate'

/** A process of a command: `stdin`, `stdout`, `stderr` are pipes. It should lead a process group of its own. */
export type SpawnCommand = (line: string, where: { readonly env: ReadonlyMap<string, string>; readonly cwd: string | undefined }) => ChildProcess

/** The operation of a request: the last word of its action, or Login. */
export type Operation = 'Login' | 'Get' | 'Create' | 'Command' | 'Send' | 'Receive' | 'Signal' | 'Delete'

/** One way in which a machine, or somebody in between, may answer wrongly. */
export type Misbehaviour =
  /** A fault by its number, as a quota or a lost shell gives it. */
  | { readonly fault: number; readonly text?: string }
  /** In clear, to a sealed request. */
  | 'clear-reply'
  /** One bit of the sealed reply changed. */
  | 'tampered'
  /** Sealed with a number that was used before. */
  | 'out-of-sequence'
  /** The connection ends in the middle of the reply. */
  | 'truncated'
  /** The frame's length is not that of the message. */
  | 'wrong-length'
  /** Answers another message than the one asked. */
  | 'wrong-relation'
  /** A document type with entities, in place of the reply. */
  | 'xml-bomb'
  /** 100 MB. */
  | 'huge'
  /** Never. */
  | 'no-answer'
  /** Closed before a byte of the reply; `after`: when the request has been carried out. */
  | 'close-before'
  | 'close-after'
  /** The login is forgotten: 401. */
  | 'forgotten'
  /** A bare HTTP status. */
  | { readonly status: number }
  /** A challenge without sealing, for Login. */
  | 'downgrade'

export interface EmulatorKnobs {
  readonly user?: string
  readonly password?: string
  readonly domain?: string
  /** HTTPS with the certificate of `emulator.options.ca`. */
  readonly tls?: boolean
  readonly schemes?: readonly Scheme[]
  /** As CbtHardeningLevel: relaxed (default) refuses a wrong channel binding, strict a missing one as well. */
  readonly channelBinding?: 'none' | 'relaxed' | 'strict'
  /** As the service's AllowUnencrypted; default false. */
  readonly allowUnencrypted?: boolean
  /** The shell for which `options` asks. Default: cmd, powershell where there is one. */
  readonly shell?: 'cmd' | 'powershell'
  /** Runs the lines of `cmd`. Default: wine's cmd.exe, where it is installed. */
  readonly spawn?: SpawnCommand
  /** As MaxEnvelopeSizekb; default 500. */
  readonly maxEnvelopeKilobytes?: number
  /** Whether the account may read the service's settings; default true. */
  readonly administrator?: boolean
  readonly maxShells?: number
  /** Milliseconds after which a long poll faults, where the client asks for more. As MaxTimeoutms; default 60,000. */
  readonly maxTimeout?: number
  /** Asked for every request, with how often this operation has come, from 1. */
  readonly misbehave?: (operation: Operation, count: number) => Misbehaviour | undefined
}

export interface WinrmEmulator extends AsyncDisposable {
  /** For `connect(emulator.url, emulator.options)`. */
  readonly url: string
  readonly options: Readonly<Record<string, unknown>>
  readonly port: number
  /** Operations so far, in their order. */
  readonly log: readonly Operation[]
  /** Logins that were refused. */
  readonly refusals: number
  /** Shells that are open. */
  readonly shells: number
  /** TCP connections so far. */
  readonly connections: number
  /** Forgets every shell, as a restart of the service does. */
  dropShells(): void
  /** Closes every connection that is idle now. */
  dropConnections(): Promise<void>
  close(): Promise<void>
}
