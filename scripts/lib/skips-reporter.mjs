// A vitest reporter that writes what scripts/test.mjs prints: vitest's JSON reporter leaves out why a test was skipped.
import { writeFileSync } from 'node:fs'

/** Where the summary goes; scripts/test.mjs sets it. */
const summaryFile = process.env['TRAIN_TEST_SUMMARY']

/** @typedef {{ passed: number, failed: number, skipped: number, reasons: Record<string, number> }} Summary */

/** @typedef {import('vitest/node').TestModule} TestModule */

export default class SkipsReporter {
  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly unknown[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    /** @type {Summary} */
    const summary = { passed: 0, failed: 0, skipped: 0, reasons: {} }
    for (const module of modules) {
      let failedInModule = 0
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') summary.passed++
        if (result.state === 'failed') failedInModule++
        if (result.state === 'skipped') {
          summary.skipped++
          const reason = result.note ?? /\[skipped: (.*)\]/.exec(test.fullName)?.[1] ?? `no reason given: ${test.fullName}`
          summary.reasons[reason] = (summary.reasons[reason] ?? 0) + 1
        }
      }
      // A file that did not load, or a hook that threw, fails although none of its tests did.
      summary.failed += failedInModule === 0 && module.state() === 'failed' ? 1 : failedInModule
    }
    summary.failed += unhandled.length
    if (summaryFile !== undefined) writeFileSync(summaryFile, JSON.stringify(summary))
  }
}
