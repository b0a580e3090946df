// Each rule of our own gets a planted violation: a rule that never fires looks like clean code.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { describe, expect, test } from 'vitest'
import { train } from '../eslint/plugin.mjs'
import { root } from '../lib/run.mjs'

async function report(rule: string, file: string, text: string): Promise<readonly string[]> {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser }, plugins: { train }, rules: { [`train/${rule}`]: 'error' } }],
  })
  const [result] = await eslint.lintText(text, { filePath: join(root, file) })
  return result?.messages.map(({ message }) => message) ?? []
}

describe('arrows', () => {
  test.each([
    ['core imports a transport', 'packages/core/src/x.ts', `import ssh from '@train-ts/transport-ssh'`],
    ['core imports the kit', 'packages/core/src/x.ts', `import type { Peer } from '@train-ts/testkit'`],
    ['core imports itself by name', 'packages/core/src/x.ts', `import { connect } from '@train-ts/core'`],
    ['a test of core imports the kit', 'packages/core/test/x.test.ts', `import { peer } from '@train-ts/testkit'`],
    ['a test of core imports the sources of the kit', 'packages/core/test/x.test.ts', `import { peer } from '../../testkit/src/peers.js'`],
    ['a transport imports the kit', 'packages/transport-ssh/src/x.ts', `import { peer } from '@train-ts/testkit'`],
    ['a transport imports another', 'packages/transport-ssh/src/x.ts', `export * from '@train-ts/transport-awsssm'`],
    ['a transport imports another, late', 'packages/transport-ssh/src/x.ts', `void import('@train-ts/transport-awsssm')`],
    ['a transport imports the sources of core', 'packages/transport-ssh/src/x.ts', `import { Secret } from '../../core/src/secret.js'`],
    ['a transport imports its emulator', 'packages/transport-awsssm/src/x.ts', `import { startEmulator } from '../emulator/index.js'`],
    ['an emulator imports its client', 'packages/transport-awsssm/emulator/x.ts', `import driver from '../src/index.js'`],
    ['an emulator imports the kit', 'packages/transport-awsssm/emulator/x.ts', `import { peer } from '@train-ts/testkit'`],
    ['a test of a transport imports another transport', 'packages/transport-ssh/test/x.test.ts', `import awsssm from '@train-ts/transport-awsssm'`],
    ['an example imports sources', 'examples/x.ts', `import { connect } from '../packages/core/src/connect.js'`],
  ])('forbids that %s', async (_title, file, text) => {
    expect(await report('arrows', file, text)).toHaveLength(1)
  })

  test.each([
    ['a transport imports core', 'packages/transport-ssh/src/x.ts', `import { Secret } from '@train-ts/core'`],
    ['a transport imports its own files', 'packages/transport-ssh/src/x.ts', `import { open } from './open.js'`],
    ['an emulator imports the codec', 'packages/transport-awsssm/emulator/x.ts', `import { decode } from '../src/codec/decode.js'`],
    ['a test of a transport imports the kit and its package', 'packages/transport-ssh/test/x.test.ts', `import '@train-ts/testkit/vitest'; import ssh from '../src/index.js'`],
    ['an example imports whatever is published', 'examples/x.ts', `import '@train-ts/core'; import '@train-ts/transport-awsssm/emulator'`],
  ])('allows that %s', async (_title, file, text) => {
    expect(await report('arrows', file, text)).toEqual([])
  })
})

describe('no-cycle', () => {
  const lint = (file: string): Promise<readonly string[]> => report('no-cycle', file, readFileSync(join(root, file), 'utf8'))

  test('finds a cycle of values, through a re-export', async () => {
    expect(await lint('scripts/test/fixtures/values/first.ts')).toEqual([expect.stringMatching(/values\/first\.ts → .*values\/second\.ts → .*values\/first\.ts$/)])
  })

  test('finds a cycle of three files that import types alone', async () => {
    expect(await lint('scripts/test/fixtures/types/second.ts')).toHaveLength(1)
  })

  test('is silent where there is none', async () => {
    expect(await lint('scripts/test/fixtures/straight/first.ts')).toEqual([])
  })
})

describe('pure', () => {
  test.each([
    [`import { connect } from 'node:net'`],
    [`import { readFile } from 'node:fs/promises'`],
    [`import { spawn } from 'child_process'`],
    [`import { setTimeout } from 'node:timers/promises'`],
    [`import { randomBytes } from 'node:crypto'`],
    [`import crypto from 'node:crypto'`],
    [`export { readFile } from 'node:fs'`],
    [`setTimeout(() => {}, 5)`],
    [`export const now = Date.now()`],
    [`export const now = new Date()`],
    [`export const chance = Math.random()`],
    [`export const home = process.env['HOME']`],
    [`export const id = crypto.randomUUID()`],
  ])('forbids %s', async (text) => {
    expect(await report('pure', 'packages/core/src/shell/x.ts', text)).toHaveLength(1)
  })

  test.each([
    [`import { createHash, createHmac } from 'node:crypto'`],
    [`import type { Duplex } from 'node:stream'`],
    [`export const day = new Date(0)`],
    [`export const twice = (process: { run(): void }) => { process.run() }`],
  ])('allows %s', async (text) => {
    expect(await report('pure', 'packages/core/src/shell/x.ts', text)).toEqual([])
  })
})

describe('reasoned-as', () => {
  test.each([[`export const a = JSON.parse('1') as number`], [`export const a = [1][0]!`]])('asks for a reason of %s', async (text) => {
    expect(await report('reasoned-as', 'packages/core/src/x.ts', text)).toHaveLength(1)
  })

  test('takes a comment on the line of `as`, and `as const`', async () => {
    expect(await report('reasoned-as', 'packages/core/src/x.ts', `export const a = JSON.parse('1') as number // a literal\nexport const b = 'b' as const`)).toEqual([])
  })
})

describe('no-sleep', () => {
  test.each([[`setTimeout(() => {}, 1_000)`], [`await sleep(100)`], [`globalThis.setTimeout(done, 250)`]])('forbids %s', async (text) => {
    expect(await report('no-sleep', 'packages/core/test/x.test.ts', text)).toHaveLength(1)
  })

  test.each([[`setTimeout(() => {}, 20)`], [`setTimeout(done, bound)`]])('allows %s', async (text) => {
    expect(await report('no-sleep', 'packages/core/test/x.test.ts', text)).toEqual([])
  })
})

test('eslint.config.js turns the rules on where they belong', async () => {
  const eslint = new ESLint({ cwd: root })
  const rulesOf = async (file: string): Promise<Record<string, unknown>> => {
    const config = (await eslint.calculateConfigForFile(join(root, file))) as { rules: Record<string, readonly [number, ...unknown[]]> }
    return Object.fromEntries(Object.entries(config.rules).map(([name, [severity]]) => [name, severity]))
  }
  expect(await rulesOf('packages/core/src/shell/quote-posix.ts')).toMatchObject({
    'train/arrows': 2,
    'train/no-cycle': 2,
    'train/pure': 2,
    'train/reasoned-as': 2,
    'max-lines': 2,
    '@typescript-eslint/no-explicit-any': 2,
    '@typescript-eslint/no-floating-promises': 2,
    '@typescript-eslint/no-misused-promises': 2,
    '@typescript-eslint/switch-exhaustiveness-check': 2,
  })
  expect(await rulesOf('packages/transport-awsssm/src/codec/message.ts')).toMatchObject({ 'train/pure': 2 })
  expect(await rulesOf('packages/transport-ssh/test/exec.test.ts')).toMatchObject({ 'train/arrows': 2, 'train/no-sleep': 2 })
  expect(await rulesOf('packages/core/src/connect.ts')).not.toHaveProperty('train/pure')
})
