import { eachImport } from '../each-import.mjs'

const modules = new Set(['net', 'tls', 'dgram', 'dns', 'http', 'http2', 'https', 'fs', 'child_process', 'timers', 'os', 'process', 'worker_threads', 'readline', 'perf_hooks'])
const globals = new Set(['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process', 'performance', 'crypto', 'WebSocket'])
const members = new Set(['Date.now', 'Math.random', 'AbortSignal.timeout'])

/**
 * A pure file takes bytes or text and returns values. Sockets, files, processes, clocks and random numbers are arguments.
 * @type {Omit<import('@typescript-eslint/utils').TSESLint.RuleModule<'impure'>, 'defaultOptions'>}
 */
export const pure = {
  meta: { type: 'problem', schema: [], defaultOptions: [], messages: { impure: '{{what}} in a pure file: take it as an argument (scripts/eslint/layers.mjs lists the pure folders).' } },
  create(context) {
    /**
     * @param {import('@typescript-eslint/utils').TSESTree.Node} node
     * @param {string} what
     */
    const report = (node, what) => context.report({ node, messageId: 'impure', data: { what } })
    return {
      ...eachImport((node, specifier) => {
        const name = specifier.replace(/^node:/, '').split('/')[0] ?? ''
        if (modules.has(name)) report(node, specifier)
      }),
      ImportDeclaration(node) {
        const name = node.source.value.replace(/^node:/, '').split('/')[0] ?? ''
        if (modules.has(name) && node.importKind !== 'type') report(node, node.source.value)
        if (name !== 'crypto') return
        for (const specifier of node.specifiers) {
          const imported = specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' ? specifier.imported.name : 'all of node:crypto'
          if (!/^(create(Hash|Hmac|Cipheriv|Decipheriv)|timingSafeEqual|hash|Hash|Hmac)$/.test(imported)) report(specifier, imported)
        }
      },
      'Program:exit'(program) {
        for (const { identifier } of context.sourceCode.getScope(program).through) if (globals.has(identifier.name)) report(identifier, identifier.name)
      },
      NewExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) report(node, 'new Date()')
      },
      MemberExpression(node) {
        const text = context.sourceCode.getText(node)
        if (members.has(text)) report(node, text)
      },
    }
  },
}
