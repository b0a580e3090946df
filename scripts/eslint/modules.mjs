// Which file an import names: relative `.js` specifiers stand for `.ts` sources, package names for the paths of tsconfig.json.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import ts from 'typescript'
import { root } from '../lib/run.mjs'

/** @type {{ compilerOptions: { paths: Record<string, [string]> } }} */
const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))

/** @type {Map<string, { mtimeMs: number, imports: readonly string[] }>} */
const cache = new Map()

/**
 * The source file that an import means, or undefined for anything outside of the work tree.
 * @param {string} file that imports
 * @param {string} specifier
 * @returns {string | undefined}
 */
export function resolveImport(file, specifier) {
  if (!specifier.startsWith('.')) {
    const path = compilerOptions.paths[specifier]?.[0]
    return path === undefined ? undefined : join(root, path)
  }
  const target = resolve(dirname(file), specifier)
  return [target.replace(/\.(m?)js$/, '.$1ts'), target].find((path) => existsSync(path))
}

/**
 * The source files that a file imports, types and re-exports included.
 * @param {string} file
 * @returns {readonly string[]}
 */
export function importsOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return []
  const known = cache.get(file)
  if (known?.mtimeMs === stat.mtimeMs) return known.imports
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true)
  const imports = importedFiles.flatMap(({ fileName }) => resolveImport(file, fileName) ?? [])
  cache.set(file, { mtimeMs: stat.mtimeMs, imports })
  return imports
}

/**
 * A path from the top of the work tree, with slashes.
 * @param {string} file
 */
export function fromTop(file) {
  return relative(root, file).split(sep).join('/')
}
