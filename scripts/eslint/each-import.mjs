/**
 * Visitors that see every import of a file: `import`, `import type`, `export … from`, `import()` and `import('…').Type`.
 * @param {(node: import('@typescript-eslint/utils').TSESTree.Node, specifier: string) => void} visit
 * @returns {import('@typescript-eslint/utils').TSESLint.RuleListener}
 */
export function eachImport(visit) {
  /** @param {import('@typescript-eslint/utils').TSESTree.Node | null} source */
  const see = (source) => {
    if (source?.type === 'Literal' && typeof source.value === 'string') visit(source, source.value)
  }
  return {
    ImportDeclaration: (node) => see(node.source),
    ExportNamedDeclaration: (node) => see(node.source),
    ExportAllDeclaration: (node) => see(node.source),
    ImportExpression: (node) => see(node.source),
    TSImportType: (node) => see(node.source),
  }
}
