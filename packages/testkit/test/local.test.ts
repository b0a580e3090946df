import { localDriver } from '@train-ts/core'
import { describeConformance } from '../src/vitest.js'

describeConformance({ name: 'local:', driver: localDriver, target: { url: 'local:' } })
