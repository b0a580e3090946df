// What one source (a caller's object, a URL) says about options: every name looked up, every value coerced, contradictions refused.
import { isDeepStrictEqual } from 'node:util'
import { coerce, isBooleanLike } from './coerce.js'
import { coreChecks } from './core-options.js'
import type { AnyDriver } from './driver.js'
import { TransportError } from './errors.js'
import { type OptionEntry, type OptionTable, optionTable, toCamelCase, toSnakeCase } from './option-table.js'
import { isSecret } from './secret.js'
import { suggest } from './suggest.js'
import { injectionOf } from './target.js'

export interface OptionValue {
  readonly entry: OptionEntry
  /** As it was written, for messages. */
  readonly spelling: string
  readonly value: unknown
}

/** Values by option; of a family, by member. */
export type OptionValues = Map<string, OptionValue>

export const keyOf = ({ owner, key, member }: Pick<OptionEntry, 'owner' | 'key' | 'member'>): string => [owner, key, ...(member === undefined ? [] : [member])].join(' ')

/** How one source of values is read. */
export interface Reader {
  readonly table: OptionTable
  find(name: string, value: unknown): OptionEntry
  coerced(entry: OptionEntry, spelling: string, given: unknown): unknown
  refuse(option: string, message: string, hint?: string, suggestion?: string): never
}

export function optionReader(driver: AnyDriver, target: string): Reader {
  const table = optionTable(driver)

  function refuse(option: string, message: string, hint?: string, suggestion?: string): never {
    throw new TransportError('INVALID_OPTIONS', message, { hint, operation: 'connect', target, details: { option, ...(suggestion === undefined ? {} : { suggestion }) } })
  }

  function find(name: string, value: unknown): OptionEntry {
    const entry = table.find(name)
    // Train's boolean `shell` asks for the login shell; a transport's own `shell` is a dialect.
    if (name === 'shell' && (isBooleanLike(value) || entry === undefined)) return table.find('loginShell') ?? refuse(name, 'loginShell is missing.')
    if (entry !== undefined) return entry
    const near = suggest(name, table.names)
    const suggestion = near !== undefined && name.includes('_') ? toSnakeCase(near) : near
    const listed = `The README of ${driver.name} lists its options, that of @train-ts/core those of connect.`
    const shown = JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
    return refuse(name, `There is no option ${shown}.`, suggestion === undefined ? listed : `Did you mean ${JSON.stringify(suggestion)}? ${listed}`, suggestion)
  }

  function coerced(entry: OptionEntry, spelling: string, given: unknown): unknown {
    const { spec, type, owner, key } = entry
    const result = coerce(spec, given, type)
    if ('problem' in result) {
      const near = typeof given === 'string' && spec.values !== undefined ? suggest(given, spec.values) : undefined
      return refuse(spelling, `${spelling} must be ${result.problem}.`, near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`, near)
    }
    const [what, check] = (owner === 'core' && Object.entries(coreChecks).find(([name]) => name === key)?.[1]) || []
    if (check?.(result.value) === false) refuse(spelling, `${spelling} must be ${what ?? 'something else'}.`)
    const problem = (spec.from === 'host' || spec.from === 'user') && typeof result.value === 'string' ? injectionOf(result.value) : undefined
    if (problem !== undefined) refuse(spelling, `The ${spec.from ?? 'value'} ${problem}.`, 'Take it out: programs would read it as an option or as a second line.')
    return result.value
  }

  return { table, find, coerced, refuse }
}

/** Everything that a caller passed as an object. What is undefined was not passed. */
export function valuesOfObject(reader: Reader, given: object): OptionValues {
  const values: OptionValues = new Map()
  const set = (entry: OptionEntry, spelling: string, raw: unknown): void => {
    const value = reader.coerced(entry, spelling, raw)
    const earlier = values.get(keyOf(entry))
    if (earlier !== undefined && !sameValue(earlier.value, value)) {
      reader.refuse(spelling, `${earlier.spelling} and ${spelling} are the same option, with different values.`, 'Pass one of them.')
    }
    values.set(keyOf(entry), { entry, spelling, value })
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(spreadSudo(reader, given))
  for (const [name, value] of entries) {
    if (value === undefined) continue
    const entry = reader.find(name, value)
    if (entry.spec.prefix === undefined || entry.member !== undefined) {
      set(entry, name, value)
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const members: readonly (readonly [string, unknown])[] = Object.entries(value)
      for (const [member, item] of members) set({ ...entry, member }, `${name}.${member}`, item)
    } else {
      reader.refuse(name, `${name} must be an object of names and values.`)
    }
  }
  return values
}

/** `sudo: { user, password }` says the same as `sudo: true` with `sudoUser` and `sudoPassword`. */
function spreadSudo(reader: Reader, given: object): object {
  const { sudo, ...rest } = given as { readonly sudo?: unknown } // any object may have such a property
  if (typeof sudo !== 'object' || sudo === null) return given
  const spread: Record<string, unknown> = { sudo: true }
  for (const [name, value] of Object.entries(sudo)) {
    const key = `sudo${name.charAt(0).toUpperCase()}${name.slice(1)}`
    if (value === undefined) continue
    if (reader.table.find(key)?.owner !== 'core') reader.refuse(`sudo.${name}`, `sudo has no ${JSON.stringify(name)}.`, 'It has method, user, password and command.')
    if (key in rest) reader.refuse(key, `${key} and sudo.${name} are the same option.`, 'Pass one of them.')
    spread[key] = value
  }
  return { ...rest, ...spread }
}

function sameValue(one: unknown, other: unknown): boolean {
  return isSecret(one) && isSecret(other) ? one.reveal() === other.reveal() : isDeepStrictEqual(one, other)
}

/** Everything that a URL says: its parts, then its query. What the tables do not open to URLs must stand in `allowed`. */
export function valuesOfUrl(
  reader: Reader,
  parts: readonly (readonly [entry: OptionEntry, value: unknown])[],
  query: readonly (readonly [name: string, text: string])[],
  allowed: readonly string[],
): OptionValues {
  const values: OptionValues = new Map()
  for (const [entry, value] of parts) values.set(keyOf(entry), { entry, spelling: entry.key, value: reader.coerced(entry, entry.key, value) })
  const permitted = new Set(allowed.map(toCamelCase))
  for (const [name, text] of query) {
    const entry = reader.find(name, text)
    const { spec, key } = entry
    if (spec.type === 'value') reader.refuse(name, `${name} cannot come from a URL.`, `Pass it as an option: connect(url, { ${toCamelCase(key)}: … }).`)
    if (spec.url !== true && spec.from === undefined && !permitted.has(toCamelCase(key)) && !permitted.has(toCamelCase(name))) {
      const camel = toCamelCase(key)
      reader.refuse(name, `${name} must not come from a URL.`, `Pass it as an option, connect(url, { ${camel}: … }); or, where you trust the URL, allowFromUrl: ['${camel}'].`)
    }
    if (spec.prefix !== undefined && entry.member === undefined) reader.refuse(name, `${name} must be written as ${spec.prefix}name=value.`)
    const value = reader.coerced(entry, name, text)
    const earlier = values.get(keyOf(entry))
    if (earlier !== undefined && entry.type !== 'list') reader.refuse(name, `The URL says twice what ${name} is.`, 'Say it once.')
    const list = [earlier?.value ?? [], value].flat()
    values.set(keyOf(entry), { entry, spelling: name, value: entry.type === 'list' ? Object.freeze(list) : value })
  }
  return values
}
