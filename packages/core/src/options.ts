// A driver's table, a URL and the caller's object become what `open` receives. Pure.
import { coerce } from './coerce.js'
import { type CoreOptions, coreOptions } from './core-options.js'
import { displayTarget } from './display-target.js'
import { wrapDriverError } from './driver-error.js'
import type { AnyDriver, OptionSpec, Target } from './driver.js'
import type { OptionEntry } from './option-table.js'
import { keyOf, optionReader, type OptionValue, type OptionValues, type Reader, valuesOfObject, valuesOfUrl } from './option-values.js'
import { createRedactor } from './redact.js'
import { isSecret } from './secret.js'
import { type ParsedTarget, parseTarget } from './target.js'

export interface ResolvedOptions {
  /** Core's own. Frozen. */
  readonly core: CoreOptions
  /** For `driver.open`, under the table's names: durations in milliseconds, secrets wrapped. Frozen. */
  readonly options: Readonly<Record<string, unknown>>
  /** What is addressed, explicit options included; without the table's defaults. */
  readonly target: Target
  /** The same as text that is safe to log. */
  readonly display: string
  /** Whatever must not appear in messages, for a redactor. */
  readonly secrets: readonly string[]
}

/**
 * Coerces, then asks `driver.resolve`, then checks what is required. Explicit options win over the URL. Without `parsed` there is no
 * URL (`connectWith`). Throws INVALID_OPTIONS that names the option; TypeError where the driver's own table is wrong.
 */
export function resolveOptions(
  driver: AnyDriver,
  parsed: ParsedTarget | undefined,
  given: object = {},
  settings: { readonly allowFromUrl?: readonly string[] } = {},
): ResolvedOptions {
  const url = parsed ?? parseTarget(`${driver.schemes[0] ?? ''}:`)
  const reader = optionReader(driver, displayTarget({ ...url, path: undefined }, [], false))
  const explicit = valuesOfObject(reader, given)
  const allowed = (explicit.get('core allowFromUrl')?.value ?? []) as readonly string[] // coreChecks has seen to it
  const query = url.query.map(([name, value]) => [name, value.reveal()] as const)
  const fromUrl = valuesOfUrl(reader, partsOf(driver, url), query, [...(settings.allowFromUrl ?? []), ...allowed])
  const merged = merge(explicit, fromUrl)

  const target = addressed(driver, url, merged)
  const display = displayTarget(target, shownQuery(reader, query, merged, explicit), showsPath(driver))
  const core = Object.freeze(build('core', coreOptions, merged)) as unknown as CoreOptions // built from the table of exactly this type
  const coerced = Object.freeze(build('driver', driver.options, merged))
  const secrets = new Set([...secretsIn([...explicit.values(), ...fromUrl.values()].map(({ value }) => value)), ...secretsIn(Object.values(coerced))])

  const unread = new Set(parts.filter((part) => url[part] !== undefined && optionFrom(driver, part) === undefined))
  const options = runResolve(driver, coerced, watched(target, unread), secrets)
  for (const part of unread) reader.refuse(part, `${url.scheme}:// takes no ${part} in its URL.`, 'Take it out.')
  for (const found of secretsIn(Object.values(options))) secrets.add(found)
  for (const [key, spec] of Object.entries(driver.options)) {
    if (spec.required === true && (options[key] === undefined || options[key] === '')) {
      reader.refuse(key, `${key} is missing: ${spec.describe}`, spec.from === undefined ? `Pass it as an option: { ${key}: … }.` : `Write it in the URL, ${where(url.scheme, spec.from)}, or pass it as an option.`)
    }
  }
  return Object.freeze({ core, options, target, display, secrets: Object.freeze([...secrets]) })
}

type Part = NonNullable<OptionSpec['from']>
const parts: readonly Part[] = ['host', 'port', 'user', 'password', 'path']

function where(scheme: string, part: Part): string {
  return { host: `${scheme}://host`, port: `${scheme}://host:port`, user: `${scheme}://user@host`, password: `${scheme}://user:password@host`, path: `${scheme}://host/path` }[part]
}

function optionFrom(driver: AnyDriver, part: Part): OptionEntry | undefined {
  const found = Object.entries(driver.options).find(([, spec]) => spec.from === part)
  return found && { owner: 'driver', key: found[0], spec: found[1], type: found[1].type }
}

/** The parts of the URL, as values of options. */
function partsOf(driver: AnyDriver, url: ParsedTarget): readonly (readonly [OptionEntry, unknown])[] {
  return parts.flatMap((part) => {
    const entry = optionFrom(driver, part)
    return entry === undefined || url[part] === undefined ? [] : [[entry, url[part]] as const]
  })
}

/** The target, taking out of `unread` what somebody reads: a part that is no option and that `resolve` ignores would be lost in silence. */
function watched(target: Target, unread: Set<Part>): Target {
  const reads = [...unread].flatMap((part) => {
    if (part === 'password') return []
    return [[part, { enumerable: true, get: () => (unread.delete(part), target[part]) }] as const]
  })
  return Object.freeze(Object.defineProperties({ ...target }, Object.fromEntries(reads)))
}

/** Explicit values, and of the URL what they do not replace: a family is replaced as a whole. */
function merge(explicit: OptionValues, fromUrl: OptionValues): OptionValues {
  const replaced = new Set([...explicit.values()].map(({ entry }) => `${entry.owner} ${entry.key}`))
  return new Map([...[...fromUrl].filter(([, { entry }]) => !replaced.has(`${entry.owner} ${entry.key}`)), ...explicit])
}

function build(owner: OptionEntry['owner'], options: AnyDriver['options'], values: OptionValues): Record<string, unknown> {
  const built: Record<string, unknown> = {}
  for (const [key, spec] of Object.entries(options)) {
    const value = spec.prefix === undefined ? values.get(keyOf({ owner, key }))?.value : familyOf(owner, key, values)
    const kept = value ?? defaultOf(spec)
    if (kept !== undefined) built[key] = kept
  }
  return built
}

function familyOf(owner: OptionEntry['owner'], key: string, values: OptionValues): unknown {
  const members = [...values.values()].filter((value): value is OptionValue => value.entry.owner === owner && value.entry.key === key)
  return members.length === 0 ? undefined : Object.freeze(Object.fromEntries(members.map(({ entry, value }) => [entry.member, value])))
}

/** A default is written as a caller would write it, in the option's own unit. */
function defaultOf(spec: OptionSpec): unknown {
  if (spec.default === undefined || spec.prefix !== undefined) return spec.default
  const coerced = coerce(spec, spec.default)
  return 'value' in coerced ? coerced.value : undefined // checkDriver has refused the other
}

function addressed(driver: AnyDriver, url: ParsedTarget, values: OptionValues): Target {
  const said = (part: Part): unknown => {
    const entry = optionFrom(driver, part)
    return entry === undefined ? url[part] : values.get(keyOf(entry))?.value
  }
  const text = (part: Part): string | undefined => {
    const value = said(part)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const port = said('port')
  return Object.freeze({ scheme: url.scheme, host: text('host'), port: typeof port === 'number' ? port : undefined, user: text('user'), path: text('path') })
}

/** A path that only `resolve` reads is a part of the address, as that of a serial device is. */
function showsPath(driver: AnyDriver): boolean {
  const spec = optionFrom(driver, 'path')?.spec
  return spec === undefined || spec.plain === true
}

/** The query without what explicit options replaced and what already stands in another part; only plain values are shown. */
function shownQuery(
  reader: Reader,
  query: readonly (readonly [string, string])[],
  merged: OptionValues,
  explicit: OptionValues,
): readonly (readonly [name: string, shown: string | undefined])[] {
  return query.flatMap(([name, text]) => {
    const entry = reader.find(name, text)
    if (explicit.has(keyOf(entry)) || merged.get(keyOf(entry)) === undefined) return []
    if (entry.spec.from !== undefined && entry.spec.from !== 'password') return []
    return [[name, entry.spec.plain === true ? text : undefined] as const]
  })
}

function* secretsIn(values: Iterable<unknown>): Generator<string> {
  for (const value of values) {
    if (isSecret(value) && value.reveal() !== '') yield value.reveal()
    // A proxy's URL may hold a password.
    const [, password] = typeof value === 'string' ? (/:\/\/[^/?#]*?:([^/?#]*)@/.exec(value) ?? []) : []
    if (password !== undefined && password !== '') yield password
  }
}

type Built = Readonly<Record<string, unknown>>

function runResolve(driver: AnyDriver, options: Built, target: Target, secrets: Iterable<string>): Built {
  if (driver.resolve === undefined) return options
  let resolved: unknown
  try {
    resolved = driver.resolve(options as never, target) // AnyDriver has forgotten its options' type; the table is that type's
  } catch (error) {
    throw wrapDriverError(createRedactor(secrets).error(error), 'INVALID_OPTIONS')
  }
  if (typeof resolved !== 'object' || resolved === null || resolved instanceof Promise) throw new TypeError(`${driver.name}: resolve() must return the options, at once.`)
  return Object.freeze({ ...resolved })
}

