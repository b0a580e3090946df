// Builds every package: declarations by `tsc -b`, JavaScript by tsup, then sweeps what sources that are gone have left in dist.
// dist is never emptied: a program that runs meanwhile keeps its files.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './lib/run.mjs'
import { packageDirectories } from './lib/stamp.mjs'

// File systems keep times in steps of their own.
const started = Date.now() - 2_000

// tsup first: it is quick, and reports what does not parse in one line.
const steps = /** @type {const} */ ([
  ['pnpm', ['--recursive', '--if-present', '--workspace-concurrency=2', '--reporter=append-only', 'run', 'build']],
  ['tsc', ['-b', 'tsconfig.build.json']],
])
for (const [program, parameters] of steps) {
  const { code } = await run(program, parameters)
  if (code !== 0) process.exit(code)
}
for (const directory of packageDirectories()) sweep(directory)

/** @param {string} directory of a package */
function sweep(directory) {
  const dist = join(directory, 'dist')
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, name)
    const isOldScript = /\.js(\.map)?$/.test(name) && statSync(file).mtimeMs < started
    if (isOldScript || (name.endsWith('.d.ts') && !hasSource(directory, name))) rmSync(file)
  }
}

/**
 * @param {string} directory of a package
 * @param {string} declaration below its dist
 */
function hasSource(directory, declaration) {
  const source = declaration.replace(/\.d\.ts$/, '.ts')
  return existsSync(join(directory, source)) || existsSync(join(directory, 'src', source))
}
