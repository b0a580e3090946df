// `npm run check`: everything but the tests. All steps run; all failures are told at the end.
// With words as arguments, only the steps whose names contain one of them (and what they need): npm run check -- types lint
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkLinks } from './lib/links.mjs'
import { install, newestNode, pack, project, smoke, tarballs, thirdParty, thirdPartyTypes, workspace } from './lib/packed.mjs'
import { root, run } from './lib/run.mjs'
import { runSteps } from './lib/steps.mjs'

/** @typedef {import('./lib/steps.mjs').Outcome} Outcome */
/** @typedef {import('./lib/steps.mjs').Step} Step */

const newest = { path: '' }

/** @type {readonly Step[]} */
const steps = [
  { name: 'types: src, tests, examples, scripts', run: () => program('tsc', ['-p', 'tsconfig.json']) },
  { name: 'lint: eslint', run: () => program('eslint', ['--max-warnings=0', '.']) },
  { name: 'unused: knip', run: () => program('knip', ['--no-config-hints']) },
  { name: 'links in the documents', run: checkLinks },
  { name: 'pins: one pnpm', run: pins },
  { name: 'build', run: () => program(process.execPath, ['scripts/build.mjs']) },
  { name: 'pack', needs: ['build'], run: pack },
  { name: 'publint', needs: ['pack'], run: () => eachTarball('publint', (file) => ['--strict', file]) },
  { name: 'are the types wrong', needs: ['pack'], run: () => eachTarball('attw', (file) => ['--profile', 'esm-only', '--no-emoji', file]) },
  { name: 'npm install of the tarballs', needs: ['pack'], run: install },
  { name: `import and require, Node ${process.versions.node}`, needs: ['npm install of the tarballs'], run: () => smoke(process.execPath) },
  { name: 'third-party transport, types of the tarballs', needs: ['npm install of the tarballs'], run: thirdPartyTypes },
  { name: `third-party transport, Node ${process.versions.node}`, needs: ['npm install of the tarballs'], run: () => thirdParty(process.execPath) },
  { name: 'node@26 from npm', needs: ['npm install of the tarballs'], run: fetchNewest },
  { name: 'import and require, Node 26', needs: ['node@26 from npm'], run: () => smoke(newest.path) },
  { name: 'third-party transport, Node 26', needs: ['node@26 from npm'], run: () => thirdParty(newest.path) },
]

const passed = await runSteps(chosen(process.argv.slice(2)))
if (passed || !existsSync(project)) rmSync(workspace, { recursive: true, force: true })
else console.log(`What was packed is in ${workspace}, installed in ${basename(project)}/.`)
process.exitCode = passed ? 0 : 1

/** @param {readonly string[]} words */
function chosen(words) {
  const wanted = new Set(steps.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word))))
  // From the last to the first: a step that is needed may need others.
  for (const step of steps.toReversed()) {
    if (wanted.has(step)) for (const needed of steps.filter(({ name }) => step.needs?.includes(name))) wanted.add(needed)
  }
  return steps.filter((step) => wanted.has(step))
}

/**
 * @param {string} name
 * @param {readonly string[]} parameters
 * @returns {Promise<Outcome>}
 */
async function program(name, parameters) {
  const { code, output } = await run(name, parameters, { quiet: true })
  return { ok: code === 0, output }
}

/**
 * @param {string} name
 * @param {(file: string) => readonly string[]} parameters
 * @returns {Promise<Outcome>}
 */
async function eachTarball(name, parameters) {
  const outcomes = []
  for (const file of tarballs()) outcomes.push(await program(name, parameters(file)))
  return { ok: outcomes.length > 0 && outcomes.every(({ ok }) => ok), output: outcomes.filter(({ ok }) => !ok).map(({ output }) => output).join('\n') }
}

/** pnpm refuses to run where `packageManager` names another version, so both pins must agree. */
async function pins() {
  /** @type {{ packageManager: string, devDependencies: Record<string, string> }} */
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const expected = `pnpm@${manifest.devDependencies['pnpm']}`
  return { ok: manifest.packageManager === expected, output: `packageManager is ${manifest.packageManager}, the devDependency ${expected}` }
}

async function fetchNewest() {
  const { ok, path, output } = await newestNode()
  newest.path = path ?? ''
  return { ok, output }
}
