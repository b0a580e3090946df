import { describe, expect, it } from 'vitest'
import { distance, suggest } from '../src/suggest.js'

describe('distance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['hots', 'host', 1],
    ['abc', 'abc', 0],
    ['ca', 'abc', 3],
  ])('from %j to %j: %i', (from, to, steps) => {
    expect(distance(from, to)).toBe(steps)
    expect(distance(to, from)).toBe(steps)
  })
})

describe('suggest', () => {
  const names = ['executionTimeout', 'keyFiles', 'host', 'mode', 'sudo', 'user']
  it.each([
    ['exection_timeout', 'executionTimeout'],
    ['execution-timeout', 'executionTimeout'],
    ['EXECUTIONTIMEOUT', 'executionTimeout'],
    ['keyFile', 'keyFiles'],
    ['key_file', 'keyFiles'],
    ['hots', 'host'],
    ['sduo', 'sudo'],
    ['mod', 'mode'],
    ['x', undefined],
    ['', undefined],
    ['bandwidth', undefined],
    ['executionTimeout'.repeat(10), undefined],
  ])('%j: %j', (name, expected) => {
    expect(suggest(name, names)).toBe(expected)
  })

  it('has nothing to say about nothing', () => {
    expect(suggest('host', [])).toBeUndefined()
  })
})
