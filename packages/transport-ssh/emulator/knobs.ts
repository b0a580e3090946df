/** How the emulator behaves. Everything left out is as a well-behaved server does it. */
export interface EmulatorKnobs {
  readonly user?: string
  readonly password?: string
  /** A private key as PEM; default: a new ECDSA key. */
  readonly hostKey?: string
  /** Public keys that may log in, as in authorized_keys. */
  readonly authorizedKeys?: readonly string[]
  /** Offered besides, or instead: questions and the right answers. */
  readonly keyboardInteractive?: readonly { readonly prompt: string; readonly echo?: boolean; readonly answer: string }[]
  /** The methods that are offered; default: what the other knobs make possible. All of them, one after another, where `allMethods`. */
  readonly methods?: readonly ('password' | 'publickey' | 'keyboard-interactive')[]
  readonly allMethods?: boolean
  readonly banner?: string
  /** Milliseconds before each answer to a request. */
  readonly latency?: number
  /** Sessions at once on one connection; more are refused, as by MaxSessions. Default 10. */
  readonly maxSessions?: number
  /** Which program runs the commands; default `/bin/sh -c`. */
  readonly shell?: readonly string[]
  /** Runs instead of every command (ForceCommand). */
  readonly forcedCommand?: string
  /** Faults. */
  readonly refuseExec?: boolean
  readonly refusePty?: boolean
  readonly refuseForward?: boolean
  readonly dropAfterLogin?: boolean
  /** The connection is reset when this many bytes of output have been sent. */
  readonly dropAfterBytes?: number
  /** The channel is closed without telling an exit code. */
  readonly noExitStatus?: boolean
  /** Says nothing at all after accepting. */
  readonly silent?: boolean
}
