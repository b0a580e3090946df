// Makes a clone ready with nothing but Node and npm: installs what the lock file names, builds what changed. Runs before
// `npm test`, `npm start` and `npm run check`; quick when there is nothing to do.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run, root, seconds } from './lib/run.mjs'
import { hashOfSources, isBuilt, writeStamp } from './lib/stamp.mjs'

const started = performance.now()
const { packageManager } = /** @type {{ packageManager: string }} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
const lockFile = join(root, 'pnpm-lock.yaml')
const installStamp = join(root, 'node_modules', '.train-ts', 'install')

checkNode()
if (!isInstalled()) await install()
const hash = hashOfSources()
if (!isBuilt(hash)) await build(hash)

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
  if (!supported) fail(`Node ${process.versions.node} is too old.`, 'use Node 20.19 or newer (22.12 or newer of the 22 line)')
}

function isInstalled() {
  const installed = [join(root, 'node_modules', '.modules.yaml'), installStamp].filter((file) => existsSync(file)).map((file) => statSync(file).mtimeMs)
  return existsSync(join(root, 'node_modules', '.modules.yaml')) && Math.max(...installed) >= statSync(lockFile).mtimeMs
}

async function install() {
  say(`installing dependencies with ${packageManager} (once; needs the npm registry)`)
  // By npx, because a fresh clone has no pnpm; exactly the pinned version, because any other refuses to run.
  const { code, output } = await run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'], { quiet: true })
  if (code !== 0) {
    process.stderr.write(output)
    if (output.includes('OUTDATED_LOCKFILE')) fail('pnpm-lock.yaml does not match a package.json.', `run: npx --yes ${packageManager} install   and commit pnpm-lock.yaml`)
    fail('Installing the dependencies failed (pnpm says why above).', 'check that `npm ping` answers (network, proxy, registry), then run this again')
  }
  mkdirSync(dirname(installStamp), { recursive: true })
  writeFileSync(installStamp, packageManager)
  say(`installed, ${seconds(started)}`)
}

/** @param {string} hash of the sources */
async function build(hash) {
  const since = performance.now()
  say('building the packages')
  writeStamp('')
  const { code, output } = await run(process.execPath, ['scripts/build.mjs', '--no-types'], { quiet: true })
  if (code !== 0) {
    process.stderr.write(output)
    fail('The build failed (see above).', 'mend the first error and run this again')
  }
  writeStamp(hash)
  say(`built, ${seconds(since)}`)
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

/**
 * @param {string} what happened
 * @param {string} remedy what to do about it
 * @returns {never}
 */
function fail(what, remedy) {
  process.stderr.write(`\nsetup: ${what}\n  To mend it: ${remedy}\n`)
  process.exit(1)
}
