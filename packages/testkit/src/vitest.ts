import { afterAll, beforeAll, describe, test } from 'vitest'
import { conformanceCases } from './cases/index.js'
import type { Harness } from './harness.js'
import { Lane } from './lane.js'
import { nothingRan } from './report.js'
import { defaultPatience } from './run.js'
import { Stage } from './stage.js'

export { describeWithPeer, testWithPeer } from './vitest-peers.js'

/** The whole conformance test of a driver, under vitest: a test for each rule. */
export function describeConformance(harness: Harness, options: { readonly patience?: number } = {}): void {
  const patience = options.patience ?? defaultPatience
  describe(`${harness.name} keeps the driver contract`, () => {
    let stage: Stage
    let lane: Lane
    let ran = 0
    beforeAll(async () => {
      stage = await Stage.start(harness)
      lane = new Lane(stage, patience)
    })
    afterAll(async () => {
      await lane?.close()
      await stage?.close()
    })
    for (const conformanceCase of conformanceCases) {
      // Cleaning up after a case may take as long as the case.
      test(`${conformanceCase.id}: ${conformanceCase.title}`, { timeout: 3 * patience }, async ({ skip }) => {
        const outcome = await lane.execute(conformanceCase)
        if (outcome.status === 'skipped') skip(outcome.reason)
        ran += 1
        if (outcome.status === 'failed') throw outcome.error
      })
    }
    test('some of these rules were tried', () => {
      if (ran === 0) throw new Error(nothingRan)
    })
  })
}
