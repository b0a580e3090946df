import { describe, expect, test } from 'vitest'
import { commandLimits, pollDelay, retryDelay } from '../src/poll.js'

describe('the poll schedule', () => {
  test('starts at 300 ms, grows by half, ends at 3 s; chance only shortens it', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => pollDelay(attempt, 0))).toEqual([300, 450, 675, 1013, 1519, 2278, 3000, 3000, 3000])
    expect(pollDelay(0, 0.999)).toBeGreaterThanOrEqual(240)
  })
  test('a retry waits at least as long as the service asks', () => {
    expect(retryDelay(0, 0, undefined)).toBe(200)
    expect(retryDelay(0, 0, 3_000)).toBe(3_000)
    expect(retryDelay(20, 0.999, undefined)).toBeLessThanOrEqual(8_000)
  })
})

describe('the limits of a command', () => {
  test('come from the option where the call has no time of its own', () => {
    expect(commandLimits(undefined, 600_000)).toEqual({ executionSeconds: 600, deliverySeconds: 600, deadline: 1_230_000 })
  })
  test('come from the call otherwise, a little later than it, so that this side stops it first', () => {
    expect(commandLimits(1_500, 600_000)).toMatchObject({ executionSeconds: 7, deliverySeconds: 30 })
  })
  test('stay within what the agent and the service take', () => {
    expect(commandLimits(1, 600_000)).toMatchObject({ executionSeconds: 6, deliverySeconds: 30 })
    expect(commandLimits(1e12, 600_000)).toMatchObject({ executionSeconds: 172_800, deliverySeconds: 600 })
  })
})
