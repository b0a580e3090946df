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
const { code, signal } = await run('vitest', ['run', '--reporter=default', `--reporter=${ours}`, ...process.argv.slice(2)], { env: { TRAIN_TEST_SUMMARY: summaryFile } })

const ended = existsSync(summaryFile)
/** @type {import('./lib/skips-reporter.mjs').Summary} */
const summary = ended ? JSON.parse(readFileSync(summaryFile, 'utf8')) : { passed: 0, failed: 0, skipped: 0, reasons: {} }
rmSync(directory, { recursive: true })

const reasons = Object.entries(summary.reasons).sort(([, first], [, second]) => second - first)
printReasons('Skipped: does not apply to the driver under test, by what it declares', reasons.filter(([reason]) => kindOf(reason) === 'inapplicable'))
printReasons('Skipped: unavailable here', reasons.filter(([reason]) => kindOf(reason) === 'unavailable'))
printReasons('Skipped: missing peers, which `.ci/run` installs', reasons.filter(([reason]) => kindOf(reason) === 'missing'))

const ranNothing = summary.passed + summary.failed === 0
if (!ended) console.log(`vitest ended before it could count${signal === undefined ? '; it says why above' : `: somebody killed it with ${signal}`}.`)
else if (ranNothing) console.log('No test ran, which counts as a failure: is the filter right?')
const exitCode = code === 0 && (ranNothing || summary.failed > 0) ? 1 : code
if (code !== 0 && summary.failed === 0 && !ranNothing) console.log(`All tests passed, but vitest ended with exit code ${code}; it says why above.`)
console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`)
process.exitCode = exitCode

/**
 * @param {string} reason as the testkit's peers give it, 'no awscli (on Debian: apt-get install awscli)', or its cases, 'declares no stderr'
 * @returns {'missing' | 'inapplicable' | 'unavailable'}
 */
function kindOf(reason) {
  if (reason.includes('apt-get install')) return 'missing'
  return /^(declares|offers|does not dial) /.test(reason) ? 'inapplicable' : 'unavailable'
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
