import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { conformanceCases } from '../src/cases/index.js'
import { runConformance } from '../src/run.js'
import { changeSession } from '../src/saboteurs/change.js'
import { saboteurs } from '../src/saboteurs/index.js'
import { harnessOf } from '../src/saboteurs/saboteur.js'
import { withoutSaboteur } from '../src/saboteurs/without.js'

const ids = conformanceCases.map(({ id }) => id)

describe('docs/driver-contract.md', () => {
  const text = readFileSync(new URL('../../../docs/driver-contract.md', import.meta.url), 'utf8')
  const rules = [...text.matchAll(/^- `([a-z.-]+)`: (.*)$/gm)].map(([, id, title]) => ({ id, title }))

  test('has the rules of the kit, word for word and in their order', () => {
    expect(rules).toEqual(conformanceCases.map(({ id, title }) => ({ id, title })))
  })

  test('names no rule twice', () => {
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('saboteurs', () => {
  const caught = new Set(saboteurs.flatMap(({ fails }) => fails))

  test('fail only cases that there are', () => {
    expect([...caught].filter((id) => !ids.includes(id))).toEqual([])
  })

  test('fail every case, or it is said why none does', () => {
    expect(ids.filter((id) => !caught.has(id)).sort()).toEqual(Object.keys(withoutSaboteur).sort())
  })

  test('have names of their own', () => {
    expect(new Set(saboteurs.map(({ name }) => name)).size).toBe(saboteurs.length)
  })
})

test('secrets.hidden passes over a driver that tells its password wherever it can', async () => {
  const harness = harnessOf({
    name: 'indiscreet',
    fails: [],
    change: changeSession((_session, context) => {
      context.notice({ code: 'greeting', message: 'welcome, the password of the kit' })
      return { async* exec() { throw new Error('cannot run with the password of the kit', { cause: new Error('the%20password%20of%20the%20kit') }) } }
    }),
  })
  const { outcomes } = await runConformance(harness, { cases: conformanceCases.filter(({ id }) => id === 'secrets.hidden') })
  expect(outcomes).toMatchObject([{ status: 'passed' }])
})
