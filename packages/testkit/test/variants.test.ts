import { localDriver } from '@train-ts/core'
import { startEcho } from '../src/saboteurs/echo.js'
import { describeConformance } from '../src/vitest.js'
import { offering } from './offering.js'
import { cautious, killing, queued } from './variants.js'

// Both sides of each capability: this machine behind drivers that declare all they can, next to nothing, and what a service with a queue has.
describeConformance({ name: 'local:', driver: localDriver, target: { url: 'local:' } })
describeConformance({ name: 'cautious', driver: cautious, target: { url: 'local:' } })
describeConformance({ name: 'queued', driver: queued, target: { url: 'local:' } })
describeConformance({ name: 'offering', driver: offering(killing), target: async () => ({ url: 'local:', options: { password: 'a password of the kit' }, ...await startEcho() }) })
