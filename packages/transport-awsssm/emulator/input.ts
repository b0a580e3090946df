// A request's fields, of which nothing is known yet.
import { ServiceError } from './http.js'

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function textOr(value: unknown, otherwise: string): string {
  if (value === undefined || value === null) return otherwise
  if (!isText(value)) throw new ServiceError('SerializationException', 'Expected a string.')
  return value
}

export function strings(value: unknown): readonly string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every(isText)) throw new ServiceError('SerializationException', 'Expected a list of strings.')
  return value
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ServiceError('SerializationException', 'Expected an object.')
  return value as Record<string, unknown> // an object, as just checked
}

export function whole(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new ServiceError('SerializationException', 'Expected an integer.')
  if (value < least || value > most) throw new ServiceError('ValidationException', `Value '${String(value)}' at '${name}' failed to satisfy constraint: Member must be between ${String(least)} and ${String(most)}`)
  return value
}
