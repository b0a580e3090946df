// Runs named steps in turn, each timed, and tells all failures at the end.
import { seconds } from './run.mjs'

/** @typedef {{ ok: boolean, output?: string }} Outcome `output` is shown where the step failed */
/** @typedef {{ name: string, needs?: readonly string[], run: () => Promise<Outcome> }} Step */

/**
 * @param {readonly Step[]} steps
 * @returns {Promise<boolean>} all passed
 */
export async function runSteps(steps) {
  /** @type {Map<string, Outcome>} */
  const done = new Map()
  for (const step of steps) {
    const missing = step.needs?.find((name) => done.get(name)?.ok !== true)
    if (missing !== undefined) {
      done.set(step.name, { ok: false, output: `not run: it needs '${missing}'` })
      continue
    }
    const since = performance.now()
    const outcome = await step.run()
    done.set(step.name, outcome)
    console.log(`${outcome.ok ? 'ok    ' : 'FAILED'}  ${seconds(since).padStart(8)}  ${step.name}`)
  }
  const failed = [...done].filter(([, { ok }]) => !ok)
  for (const [name, { output }] of failed) console.log(`\n--- ${name}\n${output?.trimEnd() ?? 'failed'}`)
  console.log(failed.length === 0 ? `\nAll ${done.size} checks passed.` : `\n${failed.length} of ${done.size} checks failed: ${failed.map(([name]) => name).join(', ')}`)
  return failed.length === 0
}
