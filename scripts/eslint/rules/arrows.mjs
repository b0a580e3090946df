import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root } from '../../lib/run.mjs'
import { eachImport } from '../each-import.mjs'
import { layers } from '../layers.mjs'
import { fromTop } from '../modules.mjs'

const table = layers(readdirSync(join(root, 'packages')).filter((name) => name.startsWith('transport-')))

/**
 * The arrows between the packages and inside of them.
 * @type {Omit<import('@typescript-eslint/utils').TSESLint.RuleModule<'forbidden'>, 'defaultOptions'>}
 */
export const arrows = {
  meta: { type: 'problem', schema: [], defaultOptions: [], messages: { forbidden: '{{layer}} may not import {{target}} (the arrows: scripts/eslint/layers.mjs, docs/decisions/0005).' } },
  create(context) {
    const layer = table.find(({ files }) => files.test(fromTop(context.filename)))
    if (layer === undefined) return {}
    return eachImport((node, specifier) => {
      const target = specifier.startsWith('.') ? fromTop(resolve(dirname(context.filename), specifier)) : specifier
      const ofWorkspace = target.startsWith('@train-ts/') || /^(packages|examples|bench|scripts)\//.test(target)
      if (ofWorkspace && !layer.may.some((allowed) => allowed.test(target))) context.report({ node, messageId: 'forbidden', data: { layer: layer.name, target } })
    })
  },
}
