// Which driver serves a scheme: the registered ones, else a package that is named after the scheme.
import type { AnyDriver } from './driver.js'
import { TransportError } from './errors.js'
import { type FoundModule, type ModuleLoader, nodeLoader } from './module-loader.js'
import { checkDriver } from './option-table.js'
import { suggest } from './suggest.js'
import { isScheme } from './target.js'

export interface Registry {
  /** Serves the driver's schemes from now on. The same driver twice is fine; another one for the same scheme is a TypeError. */
  register(driver: AnyDriver): void
  /** The schemes that are registered, sorted. */
  schemes(): readonly string[]
  /** Registered, else imported from `@train-ts/transport-<scheme>` or `train-transport-<scheme>`, where the scheme counts up to its `+`. */
  lookup(scheme: string): Promise<AnyDriver>
}

/** Packages of this project, by scheme, so that a hint names only what exists. */
const official = ['ssh', 'winrm', 'awsssm', 'serial']

export function createRegistry(initial: readonly AnyDriver[] = [], loader: ModuleLoader = nodeLoader): Registry {
  const drivers = new Map<string, AnyDriver>()

  function register(driver: AnyDriver): void {
    checkDriver(driver)
    for (const scheme of driver.schemes) {
      const other = drivers.get(scheme)
      if (other !== undefined && other !== driver) throw new TypeError(`The scheme ${scheme}:// is served by ${other.name}; ${driver.name} cannot have it too.`)
    }
    for (const scheme of driver.schemes) drivers.set(scheme, driver)
  }

  async function lookup(given: string): Promise<AnyDriver> {
    const scheme = given.toLowerCase()
    const known = drivers.get(scheme)
    if (known !== undefined) return known
    if (!isScheme(scheme)) {
      throw new TransportError('INVALID_TARGET', 'The scheme is malformed.', { hint: 'A scheme begins with a letter; letters, digits, "+", "." and "-" may follow.', operation: 'connect' })
    }
    const name = scheme.split('+', 1)[0] ?? scheme
    const tried = [`@train-ts/transport-${name}`, `train-transport-${name}`]
    for (const module of tried) {
      const found = loader.find(module)
      if (found === undefined) continue
      const driver = await load(loader, scheme, module, found)
      for (const served of driver.schemes) if (!drivers.has(served)) drivers.set(served, driver)
      return driver
    }
    throw notFound(scheme, tried, [...drivers.keys()])
  }

  for (const driver of initial) register(driver)
  return Object.freeze({ register, schemes: () => [...drivers.keys()].sort(), lookup })
}

function notFound(scheme: string, tried: readonly string[], registered: readonly string[]): TransportError {
  const name = scheme.split('+', 1)[0] ?? scheme
  const near = suggest(scheme, [...registered, ...official].filter((known) => known !== scheme))
  const install = official.includes(name) ? `npm install @train-ts/transport-${name}` : `npm install the package that serves it (looked for: ${tried.join(', ')})`
  return new TransportError('TRANSPORT_NOT_FOUND', `No transport serves ${scheme}://.`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}://? `}${near === undefined ? install : `Or ${install}`}, or give a driver to registerTransport().`,
    details: { scheme, tried },
    operation: 'connect',
    target: `${scheme}://***`,
  })
}

async function load(loader: ModuleLoader, scheme: string, module: string, found: FoundModule): Promise<AnyDriver> {
  const broken = (message: string, hint: string, cause?: unknown): TransportError =>
    new TransportError('TRANSPORT_LOAD_FAILED', `${module}, which should serve ${scheme}://, ${message}`, { hint, cause, details: { scheme, module }, operation: 'connect', target: `${scheme}://***` })

  if ('problem' in found) throw broken('is installed, but Node finds no entry in it.', 'Install it again, or build it; its package.json needs exports with "default".', found.problem)
  let exported: unknown
  try {
    exported = defaultOf(await loader.load(found.file))
  } catch (error) {
    throw broken('failed while it was loaded.', 'The cause says why; install it again, with its dependencies.', error)
  }
  if (exported === undefined) throw broken('has no default export.', 'A transport package exports its driver as default.')
  try {
    checkDriver(exported)
  } catch (error) {
    throw broken('exports a driver that cannot be used.', 'The cause says what is wrong in it. Update the package, or @train-ts/core.', error)
  }
  if (!exported.schemes.includes(scheme)) throw broken(`serves ${exported.schemes.map((served) => `${served}://`).join(', ')} and not this.`, 'Write one of these, or register a driver that serves it.')
  return exported
}

/** Of a CommonJS package that a compiler wrote, `default` is its whole `exports`. */
function defaultOf(module: unknown): unknown {
  const first = field(module)
  return field(first) ?? first
}

function field(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'default' in value ? value.default : undefined
}
