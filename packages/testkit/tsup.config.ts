import { defineConfig } from 'tsup'
import { packageBuild } from '../../tsup.base.js'

export default defineConfig(packageBuild({ index: 'src/index.ts', vitest: 'src/vitest.ts', 'node-test': 'src/node-test.ts' }))
