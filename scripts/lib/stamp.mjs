// Knows whether dist is older than the sources: by their content, so that a checkout or a touched file builds nothing.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './run.mjs'

const stampFile = join(root, 'node_modules', '.train-ts', 'build')
const inputsOfPackage = ['src', 'emulator', 'package.json', 'tsup.config.ts', 'tsconfig.build.json']
const inputsOfRoot = ['pnpm-lock.yaml', 'tsconfig.base.json', 'tsconfig.build.json', 'tsup.base.ts']

/** The directories below packages/. */
export function packageDirectories() {
  const directory = join(root, 'packages')
  const entries = readdirSync(directory, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'package.json'))).map((entry) => join(directory, entry.name))
}

/** A hash over everything that the build reads. */
export function hashOfSources() {
  const hash = createHash('sha256')
  const ofRoot = inputsOfRoot.map((name) => join(root, name))
  const ofPackages = packageDirectories().flatMap((directory) => inputsOfPackage.map((name) => join(directory, name)))
  for (const file of [...ofRoot, ...ofPackages].flatMap(filesBelow)) hash.update(`${relative(root, file)}\0`).update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

/** @param {string} hash of the sources */
export function isBuilt(hash) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash && packageDirectories().every((directory) => existsSync(join(directory, 'dist', 'index.js')))
}

/** @param {string} hash of the sources that were built; '' says that dist is not to be trusted */
export function writeStamp(hash) {
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, hash)
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return []
  return found.isDirectory() ? readdirSync(path).sort().flatMap((name) => filesBelow(join(path, name))) : [path]
}
