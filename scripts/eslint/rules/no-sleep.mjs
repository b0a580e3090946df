const longest = 100
const names = new Set(['setTimeout', 'sleep', 'delay', 'wait'])

/**
 * Tests wait for events, not for time: no timer with a constant of 100 ms and more. A bound on something that may hang is
 * vitest's timeout, or `AbortSignal.timeout`.
 * @type {Omit<import('@typescript-eslint/utils').TSESLint.RuleModule<'sleep'>, 'defaultOptions'>}
 */
export const noSleep = {
  meta: { type: 'problem', schema: [], defaultOptions: [], messages: { sleep: 'Wait for an event, not for {{time}} ms.' } },
  create(context) {
    return {
      CallExpression(node) {
        const { callee } = node
        const name = callee.type === 'Identifier' ? callee.name : callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : ''
        if (!names.has(name)) return
        // setTimeout(callback, time) of the globals, setTimeout(time) of node:timers/promises.
        for (const parameter of node.arguments.slice(0, 2)) {
          if (parameter.type === 'Literal' && typeof parameter.value === 'number' && parameter.value >= longest) {
            context.report({ node: parameter, messageId: 'sleep', data: { time: String(parameter.value) } })
          }
        }
      },
    }
  },
}
