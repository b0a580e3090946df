// What every bench here shares: contestants in turn, in one run, medians, and ratios to a named peer.
import { performance } from 'node:perf_hooks'

export interface Contestant {
  readonly name: string
  /** One round; its time counts. */
  readonly run: () => Promise<unknown>
}

export interface Row {
  readonly name: string
  readonly milliseconds: number
  readonly ratio: number
}

/** The first contestant is the peer that the others are compared with. Rounds are interleaved, so that a busy machine hits all alike. */
export async function compare(title: string, contestants: readonly Contestant[], rounds = 5): Promise<readonly Row[]> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of contestants) {
      const started = performance.now()
      await run()
      times.get(name)?.push(performance.now() - started)
    }
  }
  const peer = median(times.get(contestants[0]?.name ?? '') ?? [])
  const rows = contestants.map(({ name }): Row => {
    const milliseconds = median(times.get(name) ?? [])
    return { name, milliseconds, ratio: milliseconds / peer }
  })
  console.log(`\n${title} (${rounds} rounds, medians)`)
  for (const { name, milliseconds, ratio } of rows) console.log(`  ${name.padEnd(52)} ${milliseconds.toFixed(1).padStart(9)} ms   ${ratio.toFixed(2)} ×`)
  return rows
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** The highest resident set while `work` runs, above what it was before. MiB. */
export async function peakMemory(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let peak = before
  const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss) }, 10)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return (Math.max(peak, process.memoryUsage().rss) - before) / 1_048_576
}
