import assert from 'node:assert/strict'
import { isTransportError } from '@train-ts/core'
import type { ErrorCode, TransportError } from '@train-ts/core'

/** The error with which `promise` rejects; it has to be a TransportError of that code. */
export async function expectError(promise: Promise<unknown>, code: ErrorCode): Promise<TransportError> {
  const error = await rejectionOf(promise)
  assert.ok(isTransportError(error), `expected a TransportError with code ${code}, got ${String(error)}`)
  assert.equal(error.code, code, `expected the code ${code}, got ${error.code}: ${error.message}`)
  return error
}

/** What `promise` rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  return assert.fail(`expected a rejection, got ${JSON.stringify(value)}`)
}

/** Equal bytes, without printing megabytes of them. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return
  const length = Math.min(actual.byteLength, expected.byteLength)
  let at = 0
  while (at < length && actual[at] === expected[at]) at += 1
  const near = (bytes: Uint8Array): string => JSON.stringify(Buffer.from(bytes.subarray(at, at + 24)).toString('latin1'))
  assert.fail(`${what}: ${String(actual.byteLength)} bytes, expected ${String(expected.byteLength)}; from byte ${String(at)} on ${near(actual)}, expected ${near(expected)}`)
}

/** What `commands.fill` prints. */
export function filling(bytes: number): Buffer {
  return Buffer.alloc(bytes, '0123456789abcde\n')
}

const upwards = Array.from({ length: 256 }, (_, index) => index)

/** What `commands.everyByte` prints. */
export const everyByte: Buffer = Buffer.from([...upwards, ...upwards.toReversed()])
