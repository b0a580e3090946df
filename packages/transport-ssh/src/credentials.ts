import type { Client } from 'ssh2'

/** All that a login may use. */
export interface Credentials {
  readonly user: string
  /** Named by the caller: what is wrong with one is said. */
  readonly keyFiles: readonly string[]
  /** Named by ssh_config: a missing one is passed over. */
  readonly configuredKeyFiles: readonly string[]
  readonly certificateFiles: readonly string[]
  readonly privateKey: string | undefined
  readonly passphrase: string | undefined
  readonly password: string | undefined
  /** Its socket. */
  readonly agent: string | undefined
  /** The agent was named by the caller, not found in the environment. */
  readonly agentIsExplicit: boolean
  readonly identitiesOnly: boolean
  /** Which methods, in which order; undefined: all. */
  readonly methods: readonly string[] | undefined
  readonly prompt: (question: { readonly message: string; readonly echo: boolean }) => Promise<string>
  readonly signal: AbortSignal
  readonly now: () => number
  readonly client: () => Client
  /** Why the attempt under way ends without the server's word: the agent did not sign. */
  readonly remark: (why: string) => void
  /** Nobody answered the server's question; the login is over. */
  readonly unanswered: (cause: unknown) => void
}
