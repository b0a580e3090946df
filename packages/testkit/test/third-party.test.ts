import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const example = 'examples/third-party-transport'
// As a person runs it: not as a part of this run.
const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env

test('a stranger\'s transport keeps the contract, under node:test', { timeout: 120_000 }, async () => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--test', '--test-reporter=tap', `${example}/transport.test.ts`], { cwd: root, env, maxBuffer: 16 * 1024 * 1024 })
  expect(stdout).toMatch(/^# fail 0$/m)
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(50)
})

test('it is reached by its URL scheme', async () => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', `${example}/use.ts`], { cwd: root, env })
  expect(stdout).toMatch(/^priority 10, on [a-z]/)
})
