/** What became of one case. */
export type CaseOutcome = { readonly id: string; readonly title: string } & (
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly error: Error }
  | { readonly status: 'skipped'; readonly reason: string }
)

export interface ConformanceReport {
  readonly name: string
  readonly outcomes: readonly CaseOutcome[]
  /** No case failed, and at least one ran. */
  readonly conforms: boolean
}

/** A run in which nothing ran proves nothing. */
export const nothingRan = 'No case ran: all were skipped. A driver declares at least exit codes, and the kit has to know its shell.'

export function reportOf(name: string, outcomes: readonly CaseOutcome[]): ConformanceReport {
  const ran = outcomes.some((outcome) => outcome.status !== 'skipped')
  return { name, outcomes, conforms: ran && outcomes.every((outcome) => outcome.status !== 'failed') }
}

/** A report as text: what failed, what was skipped and why, and a count. */
export function formatReport({ name, outcomes, conforms }: ConformanceReport): string {
  const failed = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [`failed   ${outcome.error.message.replaceAll('\n', '\n         ')}`] : []))
  const skipped = outcomes.flatMap((outcome) => (outcome.status === 'skipped' ? [`skipped  ${outcome.id}: ${outcome.reason}`] : []))
  const passed = outcomes.length - failed.length - skipped.length
  const verdict = `${name}: ${conforms ? 'conforms' : 'does not conform'}; ${String(passed)} passed, ${String(failed.length)} failed, ${String(skipped.length)} skipped`
  return [...failed, ...skipped, verdict, ...(passed + failed.length === 0 ? [nothingRan] : [])].join('\n')
}
