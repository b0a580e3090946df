// A driver's table of options: checked once, for mistakes of its author, and turned into a look-up by every accepted spelling.
import { coerce } from './coerce.js'
import { coreOptions } from './core-options.js'
import type { AnyDriver, OptionSpec } from './driver.js'
import { isScheme } from './target.js'

/** Where one spelling leads. */
export interface OptionEntry {
  readonly owner: 'core' | 'driver'
  /** The table's key, under which `open` receives the value. */
  readonly key: string
  readonly spec: OptionSpec
  /** The unit of this spelling. */
  readonly type: OptionSpec['type']
  /** What follows the prefix, where the option is a family: `Role` of `tag:Role`. */
  readonly member?: string
}

export interface OptionTable {
  /** By any accepted spelling: the table's, an alias, each in camelCase and in snake_case, or a member of a family. */
  find(name: string): OptionEntry | undefined
  /** Every name that a caller may write, as the tables write them. */
  readonly names: readonly string[]
}

/** `execution_timeout` and `executionTimeout` are one name. */
export function toCamelCase(name: string): string {
  return name.replaceAll(/(?<=[A-Za-z0-9])_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

export function toSnakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

const tables = new WeakMap<AnyDriver, OptionTable>()

/** The table of a driver, joined with core's own. The driver's comes first, where core has only an alias of that name. */
export function optionTable(driver: AnyDriver): OptionTable {
  const known = tables.get(driver)
  if (known !== undefined) return known
  checkDriver(driver)
  const entries = new Map([...spellings('core', coreOptions), ...spellings('driver', driver.options)])
  const families = Object.entries(driver.options).filter(([, spec]) => spec.prefix !== undefined)
  const table: OptionTable = {
    names: [...entries.keys()],
    find(name) {
      const entry = entries.get(toCamelCase(name))
      if (entry !== undefined) return entry
      const family = families.find(([, { prefix = '' }]) => name.startsWith(prefix) && name.length > prefix.length)
      return family && { owner: 'driver', key: family[0], spec: family[1], type: family[1].type, member: name.slice(family[1].prefix?.length) }
    },
  }
  tables.set(driver, table)
  return table
}

function* spellings(owner: OptionEntry['owner'], options: AnyDriver['options']): Generator<[string, OptionEntry]> {
  for (const [key, spec] of Object.entries(options)) {
    for (const alias of spec.aliases ?? []) {
      const { name, type } = typeof alias === 'string' ? { name: alias, type: spec.type } : alias
      yield [toCamelCase(name), { owner, key, spec, type }]
    }
    yield [toCamelCase(key), { owner, key, spec, type: spec.type }]
  }
}

const types: ReadonlySet<string> = new Set<OptionSpec['type']>(['string', 'boolean', 'integer', 'seconds', 'milliseconds', 'list', 'secret', 'value'])

/** Refuses, with a TypeError that names the place, what the types of a driver cannot: it may come from JavaScript, or from a stranger's package. */
export function checkDriver(driver: unknown): asserts driver is AnyDriver {
  const { name, specVersion, schemes, options, open } = isRecord(driver) ? driver : mistake('the driver', 'is not an object')
  const where = typeof name === 'string' && name !== '' ? name : mistake('the driver', 'has no name')
  if (specVersion !== 1) mistake(where, `has specVersion ${String(specVersion)}; this version of @train-ts/core knows 1`)
  if (!Array.isArray(schemes) || schemes.length === 0) mistake(where, 'serves no schemes')
  const unchecked: readonly unknown[] = schemes
  for (const scheme of unchecked) {
    if (typeof scheme === 'string' && isScheme(scheme)) continue
    mistake(where, `has the malformed scheme ${JSON.stringify(scheme)}: a lower-case letter, then letters, digits, "+", "." and "-"`)
  }
  if (typeof open !== 'function') mistake(where, 'has no open()')
  if (!isRecord(options)) mistake(where, 'has no table of options (an empty one is {})')
  const seen = new Map<string, string>(Object.keys(coreOptions).map((key) => [key, `core's option ${key}`]))
  const parts = new Set<string>()
  for (const [key, spec] of Object.entries(options)) checkOption(`${where}: option ${key}`, key, spec, seen, parts)
}

function checkOption(where: string, key: string, given: unknown, seen: Map<string, string>, parts: Set<string>): void {
  const record = isRecord(given) ? given : mistake(where, 'is not an object')
  if (typeof record['type'] !== 'string' || !types.has(record['type'])) mistake(where, `has the unknown type ${JSON.stringify(record['type'])}`)
  const spec = record as unknown as OptionSpec // its type was just checked; the fields are checked below, one by one
  if (!/^[a-z][A-Za-z0-9_]*$/.test(key)) mistake(where, 'is neither camelCase nor snake_case')
  if (typeof spec.describe !== 'string' || spec.describe.trim() === '') mistake(where, 'has no describe')
  if (spec.url === true && (spec.type === 'value' || spec.type === 'secret')) mistake(where, `is a ${spec.type}, which a URL must not set (url: true)`)
  if (spec.plain === true && spec.type === 'secret') mistake(where, 'is a secret, which cannot be plain')
  if (spec.values !== undefined && spec.type !== 'string' && spec.type !== 'list') mistake(where, 'has values, which only a string or a list can have')
  if (spec.prefix !== undefined && (spec.prefix === '' || (spec.type !== 'string' && spec.type !== 'list'))) {
    mistake(where, 'has a prefix, which must not be empty, and which only a string or a list can have')
  }
  if (spec.from !== undefined) checkPart(where, spec, parts)
  if (spec.required === true && spec.default !== undefined) mistake(where, 'is required and has a default')
  if (spec.default !== undefined && spec.prefix === undefined) {
    const coerced = coerce(spec, spec.default)
    if ('problem' in coerced) mistake(where, `has a default that is not ${coerced.problem}`)
  }
  const names = [key]
  for (const alias of spec.aliases ?? []) {
    const unit = typeof alias === 'string' ? undefined : alias.type
    if (unit !== undefined && spec.type !== 'seconds' && spec.type !== 'milliseconds') mistake(where, `has an alias in ${unit}, but is a ${spec.type}`)
    names.push(typeof alias === 'string' ? alias : alias.name)
  }
  for (const name of names) {
    const other = seen.get(toCamelCase(name))
    if (other === where) continue // `keyFiles` with the alias `key_files`: said twice, harmless
    if (other !== undefined) mistake(where, `has the name ${name}, which ${other} has too`)
    seen.set(toCamelCase(name), where)
  }
}

const partTypes: { readonly [Part in NonNullable<OptionSpec['from']>]: OptionSpec['type'] } = { host: 'string', port: 'integer', user: 'string', password: 'secret', path: 'string' }

function checkPart(where: string, { from, type }: OptionSpec, parts: Set<string>): void {
  if (from === undefined || !Object.hasOwn(partTypes, from)) mistake(where, `is from the unknown part ${JSON.stringify(from)} of a URL`)
  if (type !== partTypes[from]) mistake(where, `is from the URL's ${from}, and so must be a ${partTypes[from]}`)
  if (parts.has(from)) mistake(where, `is from the URL's ${from}, as another option is`)
  parts.add(from)
}

function mistake(where: string, what: string): never {
  throw new TypeError(`${where} ${what}.`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
