import { harnessOf } from '../src/saboteurs/saboteur.js'
import { describeConformance } from '../src/vitest.js'

// What the saboteurs are made of keeps every rule.
describeConformance(harnessOf({ name: 'toy', fails: [] }))
describeConformance(harnessOf({ name: 'toy, dialled', dialled: {}, fails: [] }))
