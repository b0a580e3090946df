// One value of an option, from whatever a caller, a URL, an environment or a JSON file gave. Strict: what is not clearly meant is refused.
import type { OptionSpec } from './driver.js'
import { isSecret, secret } from './secret.js'

/** What became of a value: itself in the form that `open` receives, or a problem, to be read after "must be ". */
export type Coerced = { readonly value: unknown } | { readonly problem: string }

/** setTimeout fires at once when it is given more. */
const longestTimer = 2_147_483_647

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ...(['true', '1', 'yes'] as const).map((text) => [text, true] as const),
  ...(['false', '0', 'no'] as const).map((text) => [text, false] as const),
])

/** Whether a value reads as a boolean: Train's `shell: true`, `?shell=true`. */
export function isBooleanLike(value: unknown): boolean {
  return booleans.has(value)
}

/** `type` stands in place of the table's where an alias has its own unit. */
export function coerce(spec: OptionSpec, given: unknown, type: OptionSpec['type'] = spec.type): Coerced {
  switch (type) {
    case 'value':
      return { value: given }
    case 'string':
      return coerceText(spec, given)
    case 'list':
      return coerceList(spec, given)
    case 'secret':
      return coerceSecret(given)
    case 'boolean': {
      const value = booleans.get(given)
      return value === undefined ? { problem: 'true or false' } : { value }
    }
    case 'integer':
      return coerceInteger(spec, given)
    case 'seconds':
      return coerceDuration(given, 1000, 'a number of seconds')
    case 'milliseconds':
      return coerceDuration(given, 1, 'a number of milliseconds')
  }
}

function coerceText(spec: OptionSpec, given: unknown): Coerced {
  if (typeof given !== 'string') return { problem: spec.values === undefined ? 'a string' : oneOf(spec.values) }
  if (/\p{Cs}/u.test(given)) return { problem: 'whole characters, not a half of a surrogate pair' }
  if (spec.values?.includes(given) === false) return { problem: oneOf(spec.values) }
  return { value: given }
}

const oneOf = (values: readonly string[]): string => `one of ${values.join(', ')}`

/** One text is a list of one: a comma may be a part of it. */
function coerceList(spec: OptionSpec, given: unknown): Coerced {
  const items: readonly unknown[] = Array.isArray(given) ? given : [given]
  const value: unknown[] = []
  for (const item of items) {
    const coerced = coerceText(spec, item)
    if ('problem' in coerced) return { problem: spec.values === undefined ? 'a list of strings' : `a list, each of it ${coerced.problem}` }
    value.push(coerced.value)
  }
  return { value: Object.freeze(value) }
}

function coerceSecret(given: unknown): Coerced {
  if (isSecret(given)) return { value: given }
  if (typeof given === 'string') return { value: secret(given) }
  if (!(given instanceof Uint8Array)) return { problem: 'a string or a Secret' }
  try {
    return { value: secret(new TextDecoder('utf-8', { fatal: true }).decode(given)) } // a key as readFile gave it
  } catch {
    return { problem: 'text; these bytes are not UTF-8' }
  }
}

function coerceInteger(spec: OptionSpec, given: unknown): Coerced {
  const number = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given
  const isPort = spec.from === 'port'
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return { problem: isPort ? portRange : 'a whole number, 0 or more' }
  return isPort && (number < 1 || number > 65_535) ? { problem: portRange } : { value: number }
}

const portRange = 'a port, 1 to 65535'

function coerceDuration(given: unknown, unit: number, what: string): Coerced {
  const number = typeof given === 'string' && /^\d{1,16}(?:\.\d{1,16})?$/.test(given) ? Number(given) : given
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return { problem: `${what}, 0 or more` }
  const value = number === 0 ? 0 : Math.max(1, Math.round(number * unit)) // a tiny limit must not become "none"
  return value > longestTimer ? { problem: `${what} of at most 24 days` } : { value }
}
