// The packages as a stranger gets them: packed, and installed with npm into an empty project.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, run } from './run.mjs'
import { packageDirectories } from './stamp.mjs'

/** @typedef {import('./steps.mjs').Outcome} Outcome */
/** @typedef {{ name: string, version: string, exports: Record<string, unknown> }} Manifest */

export const workspace = mkdtempSync(join(tmpdir(), 'train-ts-check-'))
const tarballDirectory = join(workspace, 'tarballs')
export const project = join(workspace, 'project')

/** @returns {Manifest[]} */
export function manifests() {
  const files = packageDirectories().map((directory) => readFileSync(join(directory, 'package.json'), 'utf8'))
  return /** @type {Manifest[]} */ (files.map((text) => /** @type {unknown} */ (JSON.parse(text))))
}

export function tarballs() {
  return readdirSync(tarballDirectory).map((name) => join(tarballDirectory, name))
}

/** @returns {Promise<Outcome>} */
export async function pack() {
  mkdirSync(tarballDirectory, { recursive: true })
  const { code, output } = await run('pnpm', ['--recursive', '--filter=./packages/*', 'pack', '--pack-destination', tarballDirectory], { quiet: true })
  if (code !== 0) return { ok: false, output }
  const listings = await Promise.all(tarballs().map((file) => run('tar', ['-tzf', file], { quiet: true })))
  const wrong = listings.flatMap((listing) => listing.output.split('\n').filter((name) => /tsbuildinfo|\/test\/|\.tsx?$/.test(name) && !name.endsWith('.d.ts')))
  const unlicensed = listings.filter((listing) => !listing.output.includes('package/LICENSE'))
  return {
    ok: wrong.length === 0 && unlicensed.length === 0,
    output: `${wrong.length > 0 ? `in a tarball, and should not be: ${wrong.join(', ')}\n` : ''}${unlicensed.length > 0 ? `${unlicensed.length} tarballs without LICENSE` : ''}`,
  }
}

/** @returns {Promise<Outcome>} */
export async function install() {
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  const { code, output } = await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs()], { cwd: project, quiet: true })
  return { ok: code === 0, output }
}

/** The oldest Node that we promise is the one that runs; the newest comes from npm. */
export async function newestNode() {
  const { code, output } = await run('npx', ['--yes', '--package=node@26', '-c', 'command -v node'], { quiet: true, cwd: workspace })
  const path = output.trim().split('\n').findLast((line) => line.startsWith('/'))
  return code === 0 && path !== undefined ? { ok: true, path, output } : { ok: false, path: undefined, output }
}

/**
 * Each entry point of each package, by `import` and by `require`: the second fails on a top-level await anywhere in the graph.
 * @param {string} node
 * @returns {Promise<Outcome>}
 */
export async function smoke(node) {
  const names = manifests().flatMap(({ name, exports }) => Object.keys(exports).map((path) => name + path.slice(1)))
  const entries = names.filter((name) => !name.endsWith('/vitest') && !name.endsWith('/package.json'))
  writeFileSync(join(project, 'smoke.mjs'), `for (const name of ${JSON.stringify(entries)}) check(name, await import(name))\n${smokeCheck}`)
  writeFileSync(join(project, 'smoke.cjs'), `for (const name of ${JSON.stringify(entries)}) check(name, require(name))\n${smokeCheck}`)
  const results = [await run(node, ['smoke.mjs'], { cwd: project, quiet: true }), await run(node, ['smoke.cjs'], { cwd: project, quiet: true })]
  return { ok: results.every(({ code }) => code === 0), output: results.map(({ output }) => output).join('') }
}

const smokeCheck = `
function check(name, module) {
  const isDriver = /\\/transport-[a-z]+$/.test(name)
  if (isDriver && module.default?.schemes?.length > 0 !== true) throw new Error(name + ' has no driver as its default export')
  if (!isDriver && !name.endsWith('/register') && Object.keys(module).length === 0) throw new Error(name + ' exports nothing')
}
`

const example = join(root, 'examples', 'third-party-transport')

/**
 * The example of a stranger's transport compiles against the packed declarations, strictly, those of the libraries included.
 * @returns {Promise<Outcome>}
 */
export async function thirdPartyTypes() {
  cpSync(example, project, { recursive: true })
  const compilerOptions = {
    target: 'ES2022', lib: ['ES2023', 'ESNext.Disposable'], module: 'NodeNext', types: ['node'], typeRoots: [join(root, 'node_modules', '@types')],
    strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true, noEmit: true,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const { code, output } = await run('tsc', ['-p', project], { quiet: true })
  return { ok: code === 0, output }
}

/**
 * It passes the conformance kit, and its program runs, against the packed packages and by them alone.
 * @param {string} node
 * @returns {Promise<Outcome>}
 */
export async function thirdParty(node) {
  cpSync(example, project, { recursive: true })
  const tsx = ['--import', pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs')).href]
  const program = await run(node, [...tsx, 'use.ts'], { cwd: project, quiet: true })
  if (program.code !== 0) return { ok: false, output: program.output }
  const { code, output } = await run(node, [...tsx, '--test', '--test-reporter=tap', 'transport.test.ts'], { cwd: project, quiet: true })
  const passed = Number(/^# pass (\d+)$/m.exec(output)?.[1] ?? 0)
  return { ok: code === 0 && passed > 0, output: passed === 0 ? `no test passed\n${output}` : failuresOf(output) }
}

/**
 * Of a report in TAP: what failed, with its details, and the totals.
 * @param {string} tap
 */
function failuresOf(tap) {
  return [...tap.matchAll(/^ *not ok .*\n *---\n[\s\S]*?^ *\.\.\.$|^# (?!Subtest).*$/gm)].map(([text]) => text).join('\n')
}
