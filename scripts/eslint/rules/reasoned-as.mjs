/**
 * A type assertion, `as` or `!`, tells the compiler to believe; its reason stands in a comment on its line. `as const` asserts nothing.
 * @type {Omit<import('@typescript-eslint/utils').TSESLint.RuleModule<'unreasoned'>, 'defaultOptions'>}
 */
export const reasonedAs = {
  meta: { type: 'suggestion', schema: [], defaultOptions: [], messages: { unreasoned: 'Say in a comment on this line why the assertion is right, or do without it.' } },
  create(context) {
    const lines = new Set(context.sourceCode.getAllComments().flatMap(({ loc }) => [loc.start.line, loc.end.line]))
    return {
      TSAsExpression(node) {
        const type = node.typeAnnotation
        if (type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'const') return
        // From the end of the value to the end of the type: a long literal before `as` is not its line.
        for (let line = node.expression.loc.end.line; line <= node.loc.end.line; line++) if (lines.has(line)) return
        context.report({ node: type, messageId: 'unreasoned' })
      },
      TSNonNullExpression(node) {
        if (!lines.has(node.loc.end.line)) context.report({ node, messageId: 'unreasoned' })
      },
    }
  },
}
