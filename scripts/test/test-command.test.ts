// What `npm test` prints last and how it ends, over suites that pass, fail, skip and run nothing.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, run } from '../lib/run.mjs'

async function npmTest(filter: string): Promise<{ readonly code: number; readonly last: string; readonly output: string }> {
  const suite = join(root, 'scripts/test/fixtures/suite')
  const { code, output } = await run(process.execPath, [join(root, 'scripts/test.mjs'), '--root', suite, filter], { quiet: true })
  return { code, output, last: output.trimEnd().split('\n').at(-1) ?? '' }
}

test('counts, tells why tests were skipped, and fails with a failing test', async () => {
  const { code, last, output } = await npmTest('mixed')
  expect(last).toBe('1 passed, 1 failed, 4 skipped')
  expect(code).toBe(1)
  expect(output).toMatch(/missing peers.*:\n +2 {2}no fish .*\n +1 {2}no awscli /)
  expect(output).toMatch(/unavailable here:\n +1 {2}not run as root/)
})

test('fails where no test ran, and names a skip without a reason', async () => {
  const { code, last, output } = await npmTest('skipped')
  expect(last).toBe('0 passed, 0 failed, 1 skipped')
  expect(code).toBe(1)
  expect(output).toContain('no reason given')
})

test('fails where the filter matches nothing', async () => {
  const { code, last } = await npmTest('there-is-no-such-file')
  expect(last).toBe('0 passed, 0 failed, 0 skipped')
  expect(code).toBe(1)
})

test('counts a file that does not load as a failure', async () => {
  const { code, last } = await npmTest('broken')
  expect(last).toBe('0 passed, 1 failed, 0 skipped')
  expect(code).toBe(1)
})
