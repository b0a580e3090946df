import { after, before, describe, it } from 'node:test'
import { conformanceCases } from './cases/index.js'
import type { Harness } from './harness.js'
import { Lane } from './lane.js'
import { nothingRan } from './report.js'
import { defaultPatience } from './run.js'
import { Stage } from './stage.js'

/** The whole conformance test of a driver, under node:test: a test for each rule. */
export function describeConformance(harness: Harness, options: { readonly patience?: number } = {}): void {
  const patience = options.patience ?? defaultPatience
  void describe(`${harness.name} keeps the driver contract`, () => {
    const running: { stage?: Stage; lane?: Lane } = {}
    let ran = 0
    before(async () => {
      running.stage = await Stage.start(harness)
      running.lane = new Lane(running.stage, patience)
    })
    after(async () => {
      await running.lane?.close()
      await running.stage?.close()
    })
    for (const conformanceCase of conformanceCases) {
      void it(`${conformanceCase.id}: ${conformanceCase.title}`, async (test) => {
        const outcome = await running.lane?.execute(conformanceCase)
        if (outcome?.status === 'skipped') return test.skip(outcome.reason)
        ran += 1
        if (outcome?.status === 'failed') throw outcome.error
      })
    }
    void it('some of these rules were tried', () => {
      if (ran === 0) throw new Error(nothingRan)
    })
  })
}
