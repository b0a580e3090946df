import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectPlatform } from '../../src/platform/detect.js'
import { parseAssignments } from '../../src/platform/os-release.js'
import { identify, parseFields } from '../../src/platform/platform.js'
import { uuidFromText } from '../../src/platform/uuid.js'
import { createLocalRunner, ways } from '../files/local-runner.js'
import { linuxFixtures, otherFixtures } from './fixtures.js'

const answer = (fields: Readonly<Record<string, string>>): Uint8Array => Buffer.from(Object.entries(fields).map(([name, value]) => `${name}\0${value}\0`).join(''))

describe('platform', () => {
  for (const [name, { files, expected }] of Object.entries(linuxFixtures)) {
    it(`knows ${name}`, () => {
      const platform = identify(parseFields(answer({ kernel: 'Linux\n', arch: 'x86_64\n', ...files })))
      expect(platform).toMatchObject({ ...expected, arch: 'x86_64' })
      expect(platform.families).toEqual([...new Set([expected.family, 'linux', 'unix', 'os'])])
      expect([expected.name, expected.family, 'unix'].map((word) => platform.is(word))).toEqual([true, true, true])
      expect(platform.is('windows')).toBe(false)
    })
  }
  for (const [name, { files, kernel, expected }] of Object.entries(otherFixtures)) {
    it(`knows ${name} (from documentation)`, () => {
      expect(identify(parseFields(answer({ kernel: `${kernel}\n`, arch: 'arm64\n', ...files })))).toMatchObject(expected)
    })
  }

  it('is never at a loss', () => {
    expect(identify(new Map())).toMatchObject({ name: 'unknown', family: 'unknown', release: undefined, arch: undefined })
    fc.assert(fc.property(fc.uint8Array(), fc.dictionary(fc.string(), fc.string()), (bytes, extra) => {
      identify(parseFields(bytes))
      identify(new Map(Object.entries({ kernel: 'Linux', ...extra })))
      identify(parseFields(answer({ kernel: 'Linux', 'os-release': Buffer.from(bytes).toString('latin1') })))
    }), { interruptAfterTimeLimit: 3_000 })
  })

  it('is frozen plain data with a predicate', () => {
    const platform = identify(parseFields(answer({ kernel: 'Linux', arch: 'x86_64' })))
    expect(Object.isFrozen(platform)).toBe(true)
    expect(JSON.parse(JSON.stringify(platform))).not.toHaveProperty('is')
  })

  it('reads assignments as a shell would', () => {
    const text = 'A=b\nC="d \\"e\\" \\$f"\nG=\'h "i"\'\n# no\nnot an assignment\nJ=\r\nK="l"\r\n'
    expect([...parseAssignments(text)]).toEqual([['A', 'b'], ['C', 'd "e" $f'], ['G', 'h "i"'], ['J', ''], ['K', 'l']])
  })

  it("names the machine by Train's rules", () => {
    const id = '0123456789abcdef0123456789abcdef'
    const uuidOf = (fields: Readonly<Record<string, string>>): string | undefined => identify(parseFields(answer({ kernel: 'Linux', ...fields }))).uuid
    expect(uuidOf({ 'machine-id': `${id}\n` })).toBe(uuidFromText(id))
    expect(uuidFromText(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uuidOf({ 'machine-id': '', 'dbus-machine-id': `${id}\n` })).toBe(uuidFromText(id))
    expect(uuidOf({ 'chef-guid': 'b1946ac9-2b0e-4e1c-8a52-0c9d3ffc9d3f\n', 'machine-id': id })).toBe('b1946ac9-2b0e-4e1c-8a52-0c9d3ffc9d3f')
    expect(uuidOf({ 'machine-id': 'uninitialized\n' })).toBeUndefined()
  })

  for (const [name, options] of Object.entries(ways)) {
    it(`is detected in one exec over ${name}`, async () => {
      const runner = createLocalRunner(options)
      const platform = await detectPlatform(runner)
      expect(runner.scripts).toHaveLength(1)
      expect(platform.arch).toBe(execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim())
      if (process.platform === 'linux') expect(platform.is('linux')).toBe(true)
    })
  }
})
