import { describe, expect, test } from 'vitest'
import { formatReport, reportOf } from '../src/report.js'
import { runConformance } from '../src/run.js'
import { changeCapabilities } from '../src/saboteurs/change.js'
import { harnessOf } from '../src/saboteurs/saboteur.js'

const harness = harnessOf({ name: 'toy', fails: [] })

describe('runConformance', () => {
  test('runs what the driver declares, and says why the rest is skipped', async () => {
    const { conforms, outcomes } = await runConformance(harnessOf({ name: 'no stdin', change: changeCapabilities({ stdin: 'none' }), fails: [] }))
    expect(conforms).toBe(true)
    expect(outcomes.find(({ id }) => id === 'stdin.live')).toMatchObject({ status: 'skipped', reason: 'declares stdin \'none\'' })
    expect(outcomes.find(({ id }) => id === 'stdin.undeclared')).toMatchObject({ status: 'passed' })
  })

  test('a run in which nothing ran does not conform', async () => {
    const never = { id: 'never', title: 'Never runs.', requires: () => 'declares nothing', run: async () => undefined }
    const report = await runConformance(harness, { cases: [never] })
    expect(report.conforms).toBe(false)
    expect(formatReport(report)).toContain('skipped  never: declares nothing\ntoy: does not conform; 0 passed, 0 failed, 1 skipped\nNo case ran')
  })

  test('a failure names the rule and what was expected; a case that hangs fails, and the next one has a connection of its own', async () => {
    const report = await runConformance(harness, {
      patience: 200,
      cases: [
        { id: 'hangs', title: 'Hangs.', run: async ({ shared }) => { await shared(); await new Promise(() => undefined) } },
        { id: 'works', title: 'Works.', run: async ({ shared, commands }) => { expect((await (await shared()).connection.run(commands.exit(3))).exitCode).toBe(3) } },
      ],
    })
    expect(report.outcomes.map(({ status }) => status)).toEqual(['failed', 'passed'])
    expect(formatReport(report)).toContain('failed   hangs: Hangs.\n         The case did not end within 200 ms.\n         See docs/driver-contract.md\n')
  })

  test('cleans up after each case, the last thing first, and after a start that failed', async () => {
    const done: string[] = []
    await runConformance(harness, { cases: [{ id: 'cleans', title: 'Cleans.', run: async ({ cleanup }) => { for (const name of ['first', 'second']) cleanup(() => done.push(name)) } }] })
    expect(done).toEqual(['second', 'first'])
    const unreachable = { ...harness, target: () => ({ url: 'toy:?noSuchOption=1', close: () => done.push('closed') }) }
    await expect(runConformance(unreachable)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
    expect(done).toContain('closed')
  })
})

test('a report conforms when something passed and nothing failed', () => {
  const passed = { id: 'a', title: 'A.', status: 'passed' } as const
  expect(reportOf('x', [passed]).conforms).toBe(true)
  expect(reportOf('x', [passed, { id: 'b', title: 'B.', status: 'failed', error: new Error('no') }]).conforms).toBe(false)
  expect(reportOf('x', []).conforms).toBe(false)
})
