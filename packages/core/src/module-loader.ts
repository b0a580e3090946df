// Packages by name, from where core is installed and from where the program runs. Resolving comes first and importing second,
// because `import()` gives the same error for a package that is missing and for one whose dependency is.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Where a package begins, or why it has no beginning although it is there. */
export type FoundModule = { readonly file: string } | { readonly problem: unknown }

export interface ModuleLoader {
  /** Undefined: no such package. */
  find(name: string): FoundModule | undefined
  load(file: string): Promise<unknown>
}

export const nodeLoader: ModuleLoader = createLoader(() => [import.meta.url, ...workingDirectory()])

/** `from`: files, as path or URL, from whose place packages are looked for. */
export function createLoader(from: () => readonly string[]): ModuleLoader {
  return {
    find(name) {
      let broken: FoundModule | undefined
      for (const place of from()) {
        const found = findFrom(name, place)
        if (found !== undefined && 'file' in found) return found
        broken ??= found
      }
      return broken
    },
    load: async (file) => (await import(pathToFileURL(file).href)) as unknown, // whatever a stranger's package exports
  }
}

function findFrom(name: string, place: string): FoundModule | undefined {
  const require = createRequire(place)
  try {
    return { file: require.resolve(name) }
  } catch (problem) {
    const isThere = require.resolve.paths(name)?.some((directory) => existsSync(join(directory, name, 'package.json'))) ?? false
    return isThere ? { problem } : undefined
  }
}

function workingDirectory(): readonly string[] {
  try {
    return [join(process.cwd(), 'noop.js')] // createRequire wants a file; it need not exist
  } catch {
    return [] // it was deleted
  }
}
