import { eachImport } from '../each-import.mjs'
import { fromTop, importsOf, resolveImport } from '../modules.mjs'

/**
 * No module reaches itself through its imports, types included. (eslint-plugin-import-x was tried first: docs/decisions/0005.)
 * @type {Omit<import('@typescript-eslint/utils').TSESLint.RuleModule<'cycle'>, 'defaultOptions'>}
 */
export const noCycle = {
  meta: { type: 'problem', schema: [], defaultOptions: [], messages: { cycle: 'Import cycle: {{chain}}' } },
  create(context) {
    return eachImport((node, specifier) => {
      const first = resolveImport(context.filename, specifier)
      const chain = first === undefined ? undefined : wayBack(first, context.filename)
      if (chain !== undefined) context.report({ node, messageId: 'cycle', data: { chain: [context.filename, ...chain].map(fromTop).join(' → ') } })
    })
  },
}

/**
 * The shortest way along imports from one file to another.
 * @param {string} from
 * @param {string} to
 * @returns {readonly string[] | undefined}
 */
function wayBack(from, to) {
  const seen = new Set([from])
  /** @type {string[][]} */
  const queue = [[from]]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const last = path.at(-1)
    if (last === undefined || last === to) return path
    for (const next of importsOf(last)) {
      if (seen.has(next)) continue
      seen.add(next)
      queue.push([...path, next])
    }
  }
  return undefined
}
