import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

// Tests run against the sources: the same table of paths that the type checker uses.
const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8')) as { compilerOptions: { paths: Record<string, [string]> } }
const alias = Object.entries(compilerOptions.paths).map(([name, [path]]) => ({ find: new RegExp(`^${name}$`), replacement: fileURLToPath(new URL(path, import.meta.url)) }))

export default defineConfig({
  resolve: { alias },
  test: {
    // Its tests are for node:test; packages/testkit/test/third-party.test.ts runs them.
    exclude: [...configDefaults.exclude, 'examples/third-party-transport/**'],
    include: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // A conformance run is a long list; only what is really slow deserves a line of its own.
    slowTestThreshold: 10_000,
    pool: 'forks',
    // More than cores: most of a test is waiting for a process or a network to answer.
    maxWorkers: 4,
  },
})
