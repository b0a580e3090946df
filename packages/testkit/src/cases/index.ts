import type { ConformanceCase } from '../case.js'
import { abortCases } from './abort.js'
import { backgroundCases } from './background.js'
import { closeCases } from './close.js'
import { concurrencyCases } from './concurrency.js'
import { driverCases } from './driver.js'
import { environmentCases } from './environment.js'
import { exitCases } from './exit.js'
import { fileCases } from './files.js'
import { killCases } from './kill.js'
import { limitCases } from './limits.js'
import { lostCases } from './lost.js'
import { openCases } from './open.js'
import { outputCases } from './output.js'
import { platformCases } from './platform.js'
import { secretCases } from './secrets.js'
import { startCases } from './start.js'
import { stdinCases } from './stdin.js'
import { streamCases } from './streams.js'

/** All rules of the driver contract, in the order of docs/driver-contract.md. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...driverCases, ...openCases, ...startCases, ...exitCases, ...outputCases, ...backgroundCases, ...stdinCases, ...environmentCases, ...limitCases,
  ...abortCases, ...killCases, ...concurrencyCases, ...closeCases, ...lostCases, ...secretCases, ...fileCases, ...platformCases, ...streamCases,
]
