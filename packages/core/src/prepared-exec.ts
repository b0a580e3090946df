import type { ExecOptions } from './connection.js'
import type { Capabilities, Session } from './driver.js'
import type { ExecText } from './exec-text.js'
import type { ExecPlan } from './executor.js'
import type { Dialogue } from './privileges/dialogue.js'
import type { Elevation } from './privileges/elevation.js'
import type { Secret } from './secret.js'
import type { Shell } from './shell-dialect.js'

/** A call, ready to be sent. */
export interface Prepared {
  readonly plan: ExecPlan
  /** The talk with sudo that goes before the command. */
  readonly dialogue?: Dialogue
  /** What must end the command is run as the same user. */
  readonly elevation?: Elevation
  /** Through a shell that is open already. `kill` ends it where the frame cannot be ended alone. */
  readonly resident?: { readonly session: Session; readonly kill?: () => Promise<boolean> }
}

/** What planning is told. */
export interface PlanInput {
  readonly what: ExecText
  readonly options: ExecOptions
  readonly elevation: Elevation | undefined
  /** Undefined: not asked, and not needed. */
  readonly shell: Shell | undefined
  readonly capabilities: Capabilities
  readonly newToken: () => string
}

/** For where the values are about to leave for the far side. */
export function revealed(env: ReadonlyMap<string, string | Secret> | undefined): ReadonlyMap<string, string> | undefined {
  return env === undefined ? undefined : new Map([...env].map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()]))
}
