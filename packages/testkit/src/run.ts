import { conformanceCases } from './cases/index.js'
import type { ConformanceCase } from './case.js'
import type { Harness } from './harness.js'
import { Lane } from './lane.js'
import type { CaseOutcome, ConformanceReport } from './report.js'
import { reportOf } from './report.js'
import { Stage } from './stage.js'

export interface ConformanceOptions {
  /** Milliseconds that one case may take. Default 20,000. */
  readonly patience?: number
  /** Cases at once, each lane with a connection of its own. Default 1. */
  readonly lanes?: number
  /** Default: all. */
  readonly cases?: readonly ConformanceCase[]
}

export const defaultPatience = 20_000

/** Runs all cases that the driver's own declarations call for. Rejects only where nothing could be opened at all. */
export async function runConformance(harness: Harness, options: ConformanceOptions = {}): Promise<ConformanceReport> {
  const { patience = defaultPatience, lanes = 1, cases = conformanceCases } = options
  const stage = await Stage.start(harness)
  try {
    const outcomes = new Map<string, CaseOutcome>()
    const queue = [...cases]
    const work = async (): Promise<void> => {
      const lane = new Lane(stage, patience)
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) outcomes.set(next.id, await lane.execute(next))
      await lane.close()
    }
    await Promise.all(Array.from({ length: lanes }, work))
    return reportOf(harness.name, cases.flatMap(({ id }) => outcomes.get(id) ?? []))
  } finally {
    await stage.close()
  }
}
