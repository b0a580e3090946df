// `npm test`: vitest, then the reasons of all skips, and as the last line exactly `N passed, N failed, N skipped`.
// Further arguments go to vitest: npm test -- packages/core
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './lib/run.mjs'

const directory = mkdtempSync(join(tmpdir(), 'train-ts-test-'))
const summaryFile = join(directory, 'summary.json')
const ours = fileURLToPath(new URL('lib/skips-reporter.mjs', import.meta.url))
const { code } = await run('vitest', ['run', '--reporter=default', `--reporter=${ours}`, ...process.argv.slice(2)], { env: { TRAIN_TEST_SUMMARY: summaryFile } })

/** @type {import('./lib/skips-reporter.mjs').Summary} */
const summary = existsSync(summaryFile)
  ? JSON.parse(readFileSync(summaryFile, 'utf8'))
  : { passed: 0, failed: 0, skipped: 0, reasons: {} }
rmSync(directory, { recursive: true })

const reasons = Object.entries(summary.reasons).sort(([, first], [, second]) => second - first)
printReasons('Skipped, missing peers (`.ci/run` installs them)', reasons.filter(([reason]) => canBeInstalled(reason)))
printReasons('Skipped, unavailable here', reasons.filter(([reason]) => !canBeInstalled(reason)))

const ranNothing = summary.passed + summary.failed === 0
if (ranNothing) console.log('No test ran, which counts as a failure: is the filter right?')
const exitCode = code === 0 && (ranNothing || summary.failed > 0) ? 1 : code
if (code !== 0 && summary.failed === 0 && !ranNothing) console.log(`All tests passed, but vitest ended with exit code ${code}; it says why above.`)
console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`)
process.exitCode = exitCode

/** @param {string} reason as the testkit's peers give it: 'no awscli (on Debian: apt-get install awscli)' */
function canBeInstalled(reason) {
  return reason.includes('apt-get install')
}

/**
 * @param {string} title
 * @param {readonly (readonly [string, number])[]} rows
 */
function printReasons(title, rows) {
  if (rows.length === 0) return
  console.log(`\n${title}:`)
  for (const [reason, count] of rows) console.log(`  ${String(count).padStart(5)}  ${reason}`)
  console.log('')
}
