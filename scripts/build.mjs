// Builds every package: JavaScript by tsup, declarations by `tsc -b` (not with --no-types: running needs none, and an error of types
// should not keep anybody from running a test), then sweeps what sources that are gone have left in dist.
// dist is never emptied: a program that runs meanwhile keeps its files.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './lib/run.mjs'
import { packageDirectories } from './lib/stamp.mjs'

// File systems keep times in steps of their own.
const started = Date.now() - 2_000

await mustRun('pnpm', ['--recursive', '--if-present', '--workspace-concurrency=2', '--reporter=append-only', 'run', 'build'])
if (!process.argv.includes('--no-types')) await mustRun('tsc', ['-b', 'tsconfig.build.json'])
for (const directory of packageDirectories()) sweep(directory)

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 */
async function mustRun(program, parameters) {
  const { code } = await run(program, parameters)
  if (code !== 0) process.exit(code)
}

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
