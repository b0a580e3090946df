import { defineConfig } from 'tsup'
import { packageBuild } from '../../tsup.base.js'

export default defineConfig(packageBuild({ index: 'src/index.ts', register: 'src/register.ts', emulator: 'emulator/index.ts' }))
