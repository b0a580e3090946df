import { inspect } from 'node:util'

const brand = Symbol.for('train-ts.Secret')

/** A value that no log, error or `inspect` shows. Drivers call `reveal()` where the bytes leave for the far side, nowhere else. */
export interface Secret {
  reveal(): string
}

/** Wraps a password or a token. `String(secret)`, `JSON.stringify` and `inspect` give `[secret]`. */
export function secret(value: string): Secret {
  return Object.freeze({
    reveal: () => value,
    toString: () => '[secret]',
    toJSON: () => '[secret]',
    [inspect.custom]: () => '[secret]',
    [brand]: true,
  })
}

/** Whether `value` is a {@link Secret}, of any copy of this package. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && brand in value
}
