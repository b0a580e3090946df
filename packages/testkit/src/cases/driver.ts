import assert from 'node:assert/strict'
import { connect, createRegistry } from '@train-ts/core'
import type { ConformanceCase } from '../case.js'
import { expectError } from '../expect.js'
import { observeDriver } from '../observe.js'

export const driverCases: readonly ConformanceCase[] = [
  {
    id: 'driver.shape',
    title: 'A driver names itself, the version of this contract and its lower-case schemes, describes each option in a sentence, and lets no URL set a secret or a value.',
    async run({ declared: { driver } }) {
      assert.equal(driver.specVersion, 1)
      assert.notEqual(driver.name, '')
      assert.notEqual(driver.schemes.length, 0)
      for (const scheme of driver.schemes) assert.match(scheme, /^[a-z][a-z0-9+.-]*$/)
      for (const [name, { describe, type, url }] of Object.entries(driver.options)) {
        assert.match(describe, /^\S.*\S$/, `the option ${name} has no description`)
        assert.ok(url !== true || (type !== 'secret' && type !== 'value'), `the option ${name} is a ${type}, and a URL may set it`)
      }
    },
  },
  {
    id: 'driver.options-checked',
    title: 'An option that is unknown, or that a URL must not set, is INVALID_OPTIONS before `open` is called.',
    async run({ declared: { driver }, target }) {
      let attempts = 0
      const registry = createRegistry()
      registry.register(observeDriver(driver, { onAttempt: () => { attempts += 1 } }))
      const url = target.url + (target.url.includes('?') ? '&' : '?')
      await expectError(connect(`${url}noSuchOption=1`, { ...target.options, registry }), 'INVALID_OPTIONS')
      for (const [name, option] of Object.entries(driver.options)) {
        if (option.url === true || option.from !== undefined || option.prefix !== undefined) continue
        const { [name]: _, ...rest } = { ...target.options } as Readonly<Record<string, unknown>> // options are plain data
        await expectError(connect(`${url}${name}=1`, { ...rest, registry }), 'INVALID_OPTIONS')
      }
      assert.equal(attempts, 0, 'open was called')
    },
  },
]
