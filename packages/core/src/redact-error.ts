// Errors without a secret: the same error where there is none in it, else a copy.
import { inspect } from 'node:util'
import { isTransportError } from './errors.js'
import { isSecret } from './secret.js'

/** As much as anybody's log would show, and more. */
const looks = { depth: 6, breakLength: Infinity, maxStringLength: 100_000, maxArrayLength: 1000 }

/** `text` takes the secrets out of a text. Never throws. */
export function redactError(error: unknown, text: (given: string) => string): unknown {
  try {
    if (typeof error === 'string') return text(error)
    const shown = inspect(error, looks)
    if (text(shown) === shown) return error
  } catch {
    // What cannot be looked at cannot be known to be clean.
  }
  try {
    return copyOf(error, text, new Map(), 0)
  } catch {
    return new Error('An error that could not be shown without a secret.')
  }
}

type Seen = Map<object, unknown>

function copyOf(value: unknown, text: (given: string) => string, seen: Seen, depth: number): unknown {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'symbol' || typeof value === 'function') return text(String(value))
  if (typeof value !== 'object' || value === null || isSecret(value) || ArrayBuffer.isView(value)) return value
  if (seen.has(value)) return seen.get(value)
  if (depth > looks.depth) return '[…]'
  if (!(value instanceof Error) && !isPlain(value)) return text(inspect(value, looks))
  const copy = value instanceof Error ? copyOfError(value, text) : Array.isArray(value) ? [] : {}
  seen.set(value, copy)
  for (const key of Reflect.ownKeys(value)) {
    const field = Object.getOwnPropertyDescriptor(value, key)
    if (field === undefined || !('value' in field)) continue // a getter may do anything
    if (Array.isArray(value) ? key === 'length' : value instanceof Error && (key === 'message' || key === 'stack')) continue
    const name = typeof key === 'string' ? text(key) : key
    const clean = copyOf(field.value, text, seen, depth + 1)
    Object.defineProperty(copy, name, { value: clean, enumerable: field.enumerable ?? false, configurable: true, writable: true })
  }
  return copy
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === null || prototype === Object.prototype
}

/** An error of this package stays one; of a stranger's class only the name is kept, because its methods expect its own fields. */
function copyOfError(error: Error, text: (given: string) => string): Error {
  const copy = new Error(text(error.message))
  if (isTransportError(error)) Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object) // the prototype of an object is one, too
  else Object.defineProperty(copy, 'name', { value: text(error.name), configurable: true, writable: true })
  Object.defineProperty(copy, 'stack', { value: text(error.stack ?? ''), configurable: true, writable: true })
  return copy
}
