// README.md and docs/: their snippets come from the examples, their TypeScript compiles, and every error code has its section.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, isTransportError } from '@train-ts/core'
import '@train-ts/transport-serial/register'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const documents = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]

interface Snippet {
  readonly document: string
  readonly line: number
  /** Behind `ts`: 'fragment' is for what cannot stand alone, such as a signature. */
  readonly mark: string
  readonly code: string
}

const snippets = documents.flatMap((document): Snippet[] => {
  const text = read(document)
  return [...text.matchAll(/^```(?:ts|typescript)\b *(.*)\n([^]*?)^```/gm)].map((match) => ({
    document, line: text.slice(0, match.index).split('\n').length, mark: match[1] ?? '', code: match[2] ?? '',
  }))
})

/** The example that a snippet says it comes from. */
function exampleOf({ code }: Snippet): string | undefined {
  return /^\/\/ (examples\/[\w./-]+)\n/.exec(code)?.[1]
}

const unindented = (text: string): string => text.split('\n').map((line) => line.trim()).join('\n').trim()

describe('snippets', () => {
  test.each(snippets.filter((snippet) => exampleOf(snippet) !== undefined).map((snippet) => [snippet.document, snippet.line, snippet] as const))('%s:%d is a part of its example', (_document, _line, snippet) => {
    const example = exampleOf(snippet) ?? ''
    expect(unindented(read(example))).toContain(unindented(snippet.code.replace(/^.*\n/, '')))
  })

  test('all others compile', () => {
    const alone = snippets.filter((snippet) => exampleOf(snippet) === undefined && snippet.mark !== 'fragment')
    const broken = ['a broken one, so that it is known to be seen', complete(`const { exitCod } = await host.run('id')`)] as const
    const found = diagnose(new Map([...alone.map((snippet) => [`${snippet.document}:${snippet.line}`, complete(snippet.code)] as const), broken]))
    expect(found).toEqual([expect.stringMatching(/^a broken one.*exitCod/)])
  }, 120_000)
})

/** What a reader takes for granted: a connection called `host`, and the names of core. */
function complete(code: string): string {
  const has = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(code)
  const imported = [...code.matchAll(/import (?:type )?\{([^}]*)\}/g)].flatMap((match) => match[1]?.split(',').map((name) => name.trim().replace(/^type /, '')) ?? [])
  const names = ['connect', 'lines', 'assertSuccess', 'isTransportError', 'secret', 'registerTransport', 'createRegistry', 'parseTarget', 'describeOptions']
  const missing = names.filter((name) => has(name) && !imported.includes(name))
  const declared = /\b(?:const|using|let) host\b|\bhost:/.test(code) || !has('host') ? '' : `declare const host: import('@train-ts/core').Connection\n`
  return `${missing.length === 0 ? '' : `import { ${missing.join(', ')} } from '@train-ts/core'\n`}${declared}${code}\nexport {}\n`
}

/** Compiles texts as modules that lie in examples/, by the settings of the work tree. */
function diagnose(texts: ReadonlyMap<string, string>): readonly string[] {
  const configFile = join(root, 'tsconfig.json')
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile(configFile, (path) => ts.sys.readFile(path)).config, ts.sys, dirname(configFile))
  const options: ts.CompilerOptions = { ...config.options, noUnusedLocals: false, noEmit: true }
  const files = new Map([...texts].map(([name, text], index) => [join(root, 'examples', `snippet-${index}.mts`), { name, text }]))
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path)?.text ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const file = files.get(path)
    return file === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, file.text, version)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files].flatMap(([path, { name }]) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  })
}

test('README.md says UNSUPPORTED of serial:// for as long as it is', async () => {
  const row = read('README.md').split('\n').find((line) => line.startsWith('| `serial:')) ?? ''
  const error: unknown = await connect('serial:///dev/no-such-device').catch((cause: unknown) => cause)
  expect(row.includes('UNSUPPORTED')).toBe(isTransportError(error, 'UNSUPPORTED'))
})

describe('docs/errors.md', () => {
  const text = read('docs/errors.md')
  const sections = new Map(text.split(/^## /m).slice(1).map((section) => [section.slice(0, section.indexOf('\n')), section]))
  const codes = [...read('packages/core/src/error-code.ts').matchAll(/^ +\| '([A-Z_]+)'/gm)].map(([, code = '']) => code)
  const source = read('packages/core/src/errors.ts')
  const fieldsOf = (declaration: string): string[] => [...declaration.matchAll(/readonly (\w+)\?:/g)].map(([, name = '']) => name)

  test('a section for each code, and for nothing else', () => {
    expect(codes.length).toBeGreaterThan(15)
    expect([...sections.keys()].filter((title) => title !== 'Common details')).toEqual(codes)
  })

  test.each(codes)('%s says when, and what it carries', (code) => {
    const section = sections.get(code) ?? ''
    expect(section).toContain('**When**')
    const declaration = new RegExp(`readonly ${code}: \\{([^}]*)\\}`).exec(source)?.[1] ?? ''
    for (const field of fieldsOf(declaration)) expect(section).toContain(`\`${field}\``)
  })

  test('the details that all have', () => {
    const fields = fieldsOf(/interface CommonDetails \{([^]*?)^\}/m.exec(source)?.[1] ?? '')
    expect(fields).not.toEqual([])
    for (const field of fields) expect(sections.get('Common details')).toContain(`\`${field}\``)
  })
})
