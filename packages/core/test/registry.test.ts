import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { defaultRegistry, registerTransport } from '../src/default-registry.js'
import type { AnyDriver } from '../src/driver.js'
import { type ErrorCode, isTransportError, type TransportError } from '../src/errors.js'
import { createLoader, type ModuleLoader, nodeLoader } from '../src/module-loader.js'
import { createRegistry } from '../src/registry.js'

function driver(name: string, ...schemes: string[]): AnyDriver {
  return { name, specVersion: 1, schemes, options: {}, open: () => Promise.reject(new Error('never opened')) }
}

async function refusal<Code extends ErrorCode>(code: Code, promise: Promise<unknown>): Promise<TransportError<Code>> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason)
  if (isTransportError(error, code)) return error
  throw new Error('not refused as it should', { cause: error })
}

/** Packages that are there, by name; asks are recorded. */
function shelf(packages: Record<string, unknown>): ModuleLoader & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    find: (name) => (asked.push(name), Object.hasOwn(packages, name) ? { file: name } : undefined),
    load: (file) => (packages[file] instanceof Error ? Promise.reject(packages[file]) : Promise.resolve(packages[file])),
  }
}

describe('registered drivers', () => {
  it('serve all of their schemes, in any case', async () => {
    const own = driver('own', 'x', 'x+tcp')
    const registry = createRegistry([own], shelf({}))
    expect(registry.schemes()).toEqual(['x', 'x+tcp'])
    expect(await registry.lookup('x+tcp')).toBe(own)
    expect(await registry.lookup('X')).toBe(own)
  })

  it('the same twice is fine, another one for the same scheme is not, and nothing of it is taken', () => {
    const own = driver('own', 'x')
    const registry = createRegistry([own], shelf({}))
    registry.register(own)
    expect(() => registry.register(driver('other', 'y', 'x'))).toThrow(new TypeError('The scheme x:// is served by own; other cannot have it too.'))
    expect(registry.schemes()).toEqual(['x'])
  })

  it('are checked', () => {
    expect(() => createRegistry([{ ...driver('own', 'x'), specVersion: 2 as 1 }])).toThrow(/specVersion 2/)
    expect(() => createRegistry([driver('own', 'X')])).toThrow(/malformed scheme/)
  })

  it('registerTransport fills the default registry', async () => {
    const own = driver('own', 'registered-by-a-test')
    registerTransport(own)
    expect(await defaultRegistry.lookup('registered-by-a-test')).toBe(own)
  })
})

describe('packages named after the scheme', () => {
  it('first of this project, then of others; the scheme counts up to its +', async () => {
    const serial = driver('s', 'serial', 'serial+tcp')
    const loader = shelf({ 'train-transport-serial': { default: serial } })
    const registry = createRegistry([], loader)
    expect(await registry.lookup('serial+tcp')).toBe(serial)
    expect(loader.asked).toEqual(['@train-ts/transport-serial', 'train-transport-serial'])
    expect(await registry.lookup('serial')).toBe(serial)
    expect(loader.asked).toHaveLength(2)
    expect(registry.schemes()).toEqual(['serial', 'serial+tcp'])
  })

  it('a registered driver keeps its schemes', async () => {
    const own = driver('own', 'b')
    const registry = createRegistry([own], shelf({ 'train-transport-a': { default: driver('a', 'a', 'b') } }))
    await registry.lookup('a')
    expect(await registry.lookup('b')).toBe(own)
  })

  it('that a compiler has made CommonJS', async () => {
    const own = driver('own', 'x')
    expect(await createRegistry([], shelf({ 'train-transport-x': { default: { __esModule: true, default: own } } })).lookup('x')).toBe(own)
  })

  it.each(['../../evil', 'a/b', 'a b', '', '.', '-x', 'x\n', '@scope', '1x', 'ü'])('%j is no scheme, and never becomes the name of a package', async (scheme) => {
    const loader = shelf({})
    await refusal('INVALID_TARGET', createRegistry([], loader).lookup(scheme))
    expect(loader.asked).toEqual([])
  })
})

describe('not found', () => {
  it.each<[scheme: string, hint: RegExp]>([
    ['ssh', /^npm install @train-ts\/transport-ssh, or give a driver to registerTransport/],
    ['serial+tcp', /npm install @train-ts\/transport-serial,/],
    ['shh', /^Did you mean ssh:\/\/\?/],
    ['aws-ssm', /^Did you mean awsssm:\/\/\?/],
    ['moc', /^Did you mean mock:\/\/\?/],
    ['zookeeper', /^npm install the package that serves it \(looked for: @train-ts\/transport-zookeeper, train-transport-zookeeper\)/],
  ])('%s', async (scheme, hint) => {
    const error = await refusal('TRANSPORT_NOT_FOUND', createRegistry([driver('m', 'mock')], shelf({})).lookup(scheme))
    expect(error.hint).toMatch(hint)
    expect(error.details.scheme).toBe(scheme)
    expect(error.retryable).toBe(false)
  })

  it('is not remembered: who installs the package may try again', async () => {
    const packages: Record<string, unknown> = {}
    const registry = createRegistry([], shelf(packages))
    await refusal('TRANSPORT_NOT_FOUND', registry.lookup('x'))
    packages['train-transport-x'] = { default: driver('x', 'x') }
    expect((await registry.lookup('x')).name).toBe('x')
  })
})

describe('found, but broken', () => {
  const thrown = new Error('Cannot find package "left-pad"')
  it.each<[what: string, module: unknown, message: RegExp]>([
    ['throws', thrown, /failed while it was loaded/],
    ['exports nothing', {}, /has no default export/],
    ['exports a number', { default: 7 }, /exports a driver that cannot be used/],
    ['has another version', { default: { ...driver('x', 'x'), specVersion: 2 } }, /exports a driver that cannot be used/],
    ['serves something else', { default: driver('x', 'y', 'z') }, /serves y:\/\/, z:\/\/ and not this/],
  ])('%s', async (_, module, message) => {
    const error = await refusal('TRANSPORT_LOAD_FAILED', createRegistry([], shelf({ 'train-transport-x': module })).lookup('x'))
    expect(error.message).toMatch(message)
    expect(error.details).toMatchObject({ scheme: 'x', module: 'train-transport-x' })
    expect(error.hint).toBeDefined()
  })

  it('the cause says why', async () => {
    expect((await refusal('TRANSPORT_LOAD_FAILED', createRegistry([], shelf({ 'train-transport-x': thrown })).lookup('x'))).cause).toBe(thrown)
    const wrong = await refusal('TRANSPORT_LOAD_FAILED', createRegistry([], shelf({ 'train-transport-x': { default: { ...driver('x', 'x'), specVersion: 2 } } })).lookup('x'))
    expect(wrong.cause).toMatchObject({ name: 'TypeError', message: expect.stringMatching(/specVersion 2/) as unknown })
  })

  it('no second package is tried', async () => {
    const loader = shelf({ '@train-ts/transport-x': thrown, 'train-transport-x': { default: driver('x', 'x') } })
    await refusal('TRANSPORT_LOAD_FAILED', createRegistry([], loader).lookup('x'))
    expect(loader.asked).toEqual(['@train-ts/transport-x'])
  })
})

describe('real packages in real directories', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'train-registry-')))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const source = (scheme: string): string => `{ name: 'from-disk', specVersion: 1, schemes: ['${scheme}'], options: {}, open() { throw new Error('no') } }`

  function install(place: string, name: string, manifest: object, files: Record<string, string>): void {
    const directory = join(root, place, 'node_modules', name)
    for (const [path, text] of Object.entries({ 'package.json': JSON.stringify({ name, version: '1.0.0', ...manifest }), ...files })) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
  }
  const esm = { type: 'module', exports: { types: './index.d.ts', default: './index.js' } }
  const registry = (...places: string[]): ReturnType<typeof createRegistry> => createRegistry([], createLoader(() => places.map((place) => join(root, place, 'noop.js'))))

  it('ESM, from the first place that has it', async () => {
    install('core', '@train-ts/transport-esm', esm, { 'index.js': `export default ${source('esm')}` })
    install('app', '@train-ts/transport-app', esm, { 'index.js': `export default ${source('app')}` })
    expect((await registry('core', 'app').lookup('esm')).name).toBe('from-disk')
    expect((await registry('core', 'app').lookup('app')).schemes).toEqual(['app'])
    await refusal('TRANSPORT_NOT_FOUND', registry('core').lookup('app'))
  })

  it('from a directory above, and CommonJS', async () => {
    install('above', 'train-transport-cjs', { main: 'main.cjs' }, { 'main.cjs': `module.exports = ${source('cjs')}` })
    expect((await registry('above/a/b').lookup('cjs')).schemes).toEqual(['cjs'])
    install('above', 'train-transport-compiled', { main: 'main.cjs' }, { 'main.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${source('compiled')}` })
    expect((await registry('above').lookup('compiled')).schemes).toEqual(['compiled'])
  })

  it.each<[scheme: string, manifest: object, files: Record<string, string>, message: RegExp]>([
    ['missing-dependency', esm, { 'index.js': "import 'no-such-package-anywhere'; export default {}" }, /failed while it was loaded/],
    ['throws', esm, { 'index.js': 'throw new Error("at the top")' }, /failed while it was loaded/],
    ['syntax', esm, { 'index.js': 'export default {' }, /failed while it was loaded/],
    ['unbuilt', esm, {}, /Node finds no entry in it/],
    ['unbuilt-main', { main: 'dist/index.js' }, {}, /Node finds no entry in it/],
    ['no-default', esm, { 'index.js': 'export const driver = 1' }, /has no default export/],
    ['import-only', { type: 'module', exports: { browser: './index.js' } }, { 'index.js': 'export default {}' }, /Node finds no entry in it/],
  ])('broken: %s', async (scheme, manifest, files, message) => {
    install('broken', `train-transport-${scheme}`, manifest, files)
    const error = await refusal('TRANSPORT_LOAD_FAILED', registry('empty', 'broken').lookup(scheme))
    expect(error.message).toMatch(message)
    if (scheme !== 'no-default') expect(error.cause).toBeInstanceOf(Error)
  })

  it('outside of a test runner, which has its own import(): a directory whose name would break a URL', () => {
    install('odd #1 %41 ü', 'train-transport-odd', esm, { 'index.js': `export default ${source('odd')}` })
    const program = `import { createRegistry } from ${JSON.stringify(new URL('../src/registry.ts', import.meta.url).href)}; console.log((await createRegistry().lookup('odd')).name)`
    const tsx = import.meta.resolve('tsx')
    const found = execFileSync(process.execPath, ['--import', tsx, '--input-type=module', '-e', program], { cwd: join(root, 'odd #1 %41 ü'), encoding: 'utf8' })
    expect(found).toBe('from-disk\n')
  })

  it('the working directory is looked at when it is needed, not when core is loaded', async () => {
    install('work', 'train-transport-cwd', esm, { 'index.js': `export default ${source('cwd')}` })
    const before = process.cwd()
    await refusal('TRANSPORT_NOT_FOUND', createRegistry().lookup('cwd'))
    process.chdir(join(root, 'work'))
    try {
      expect((await createRegistry().lookup('cwd')).name).toBe('from-disk')
      mkdirSync(join(root, 'gone'))
      process.chdir(join(root, 'gone'))
      rmSync(join(root, 'gone'), { recursive: true })
      expect(nodeLoader.find('train-transport-cwd')).toBeUndefined()
    } finally {
      process.chdir(before)
    }
  })
})
