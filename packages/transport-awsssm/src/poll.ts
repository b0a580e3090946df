// When to ask again, and how long in all. Pure: time and chance are arguments.

/** All times in milliseconds. */
export const schedule = {
  first: 300,
  /**
   * Agents pick a command up within 0.2 to 3 seconds. Evenly spread polls over that time see the end 0.27 seconds late on average, with 5.5 requests a
   * command in all; growing by half from the start is twice as late for one request less.
   */
  steady: 500,
  steadyPolls: 8,
  growth: 1.5,
  longest: 3_000,
  /** Share of a pause that chance may take away, so that many commands do not ask in step. */
  jitter: 0.2,
  /** How long a command that was accepted may be unknown to GetCommandInvocation. */
  invisible: 30_000,
  /** What the service needs beyond the limits that it was given. */
  margin: 30_000,
} as const

/** The pause before poll number `attempt` (from 0). `random` is in [0, 1). */
export function pollDelay(attempt: number, random: number): number {
  const grown = schedule.steady * schedule.growth ** Math.max(0, attempt - schedule.steadyPolls + 1)
  const full = attempt === 0 ? schedule.first : Math.min(grown, schedule.longest)
  return Math.round(full * (1 - schedule.jitter * random))
}

/** The pause before a request that failed is sent again: doubling, with full jitter, never below what the service asked for. */
export function retryDelay(attempt: number, random: number, retryAfter: number | undefined): number {
  const ceiling = Math.min(400 * 2 ** attempt, 8_000)
  return Math.max(retryAfter ?? 0, Math.round(ceiling / 2 + (ceiling / 2) * random))
}

export interface CommandLimits {
  /** SendCommand's TimeoutSeconds: when the command has not started by then, it never will. */
  readonly deliverySeconds: number
  /** The document's executionTimeout: how long it may run. */
  readonly executionSeconds: number
  /** When this side gives up, in milliseconds after the command was accepted. */
  readonly deadline: number
}

/** The far side's limits from one deadline: the call's own time, else the option. Core's abort always comes before the far side's. */
export function commandLimits(timeout: number | undefined, executionTimeout: number): CommandLimits {
  const seconds = timeout === undefined ? Math.round(executionTimeout / 1000) : Math.ceil(timeout / 1000) + 5
  const executionSeconds = Math.min(Math.max(seconds, 5), 172_800)
  const deliverySeconds = Math.min(Math.max(executionSeconds, 30), 600)
  return { deliverySeconds, executionSeconds, deadline: (deliverySeconds + executionSeconds) * 1000 + schedule.margin }
}
