// The rules that only this project has; scripts/test/eslint-rules.test.ts shows each of them a planted violation.
import { arrows } from './rules/arrows.mjs'
import { noCycle } from './rules/no-cycle.mjs'
import { noSleep } from './rules/no-sleep.mjs'
import { pure } from './rules/pure.mjs'
import { reasonedAs } from './rules/reasoned-as.mjs'

const rules = { arrows, 'no-cycle': noCycle, 'no-sleep': noSleep, pure, 'reasoned-as': reasonedAs }

// typescript-eslint's type of a rule and ESLint's differ in the syntax tree alone.
export const train = /** @type {import('eslint').ESLint.Plugin} */ (/** @type {unknown} */ ({ rules }))
