import { describe, expect, test } from 'vitest'
import { runConformance } from '../src/run.js'
import { saboteurs } from '../src/saboteurs/index.js'
import { harnessOf } from '../src/saboteurs/saboteur.js'

describe('each saboteur is caught by the cases that it names, and by no others', () => {
  for (const saboteur of saboteurs) {
    test.concurrent(saboteur.name, { timeout: 60_000 }, async () => {
      const { outcomes } = await runConformance(harnessOf(saboteur), { patience: saboteur.patience ?? 4_000, lanes: 16 })
      const failed = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome] : []))
      expect(failed.map(({ id }) => id).sort(), failed.map(({ error }) => error.message).join('\n')).toEqual([...saboteur.fails].sort())
    })
  }
})
