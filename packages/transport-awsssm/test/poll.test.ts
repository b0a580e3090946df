import { describe, expect, test } from 'vitest'
import { commandLimits, pollDelay, retryDelay } from '../src/poll.js'

describe('the poll schedule', () => {
  test('starts at 300 ms, then every 500 while the agent may pick it up, then grows to 3 s; chance only shortens it', () => {
    expect([0, 1, 2, 6, 7, 8, 9, 10, 11, 12, 20].map((attempt) => pollDelay(attempt, 0))).toEqual([300, 500, 500, 500, 500, 750, 1125, 1688, 2531, 3000, 3000])
    expect(pollDelay(0, 0.999)).toBeGreaterThanOrEqual(240)
  })
  test('an end is seen 0.3 s late at most, on average, with at most six requests a command', () => {
    // Pick-up drawn from 0.2 to 3 s, 40 ms for a round trip.
    let state = 1
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
    let [late, requests] = [0, 0]
    const commands = 5_000
    for (let command = 0; command < commands; command++) {
      const end = 40 + 200 + 2_800 * random()
      let now = 40
      requests++
      for (let attempt = 0; ; attempt++) {
        now += pollDelay(attempt, random())
        requests++
        if (now + 20 >= end) break
        now += 40
      }
      late += now + 40 - end
    }
    expect(late / commands).toBeLessThan(300)
    expect(requests / commands).toBeLessThan(6)
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
