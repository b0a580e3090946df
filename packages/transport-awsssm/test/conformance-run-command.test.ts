import { describeConformance } from '@train-ts/testkit/vitest'
import driver from '@train-ts/transport-awsssm'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import { pause } from '../src/abort.js'
import { open } from '../src/open.js'
import { onThisMachine, startEcho } from './on-this-machine.js'

/** The pauses of the polls alone are shortened: a node of AWS takes a second for what takes the emulator a few milliseconds. */
const quickClock = { now: () => performance.now(), random: Math.random, pause: (milliseconds: number, signal: AbortSignal) => pause(milliseconds / 6, signal) }

describeConformance({
  name: 'awsssm, Run Command',
  driver: { ...driver, open: (options: Parameters<typeof open>[0], context: Parameters<typeof open>[1]) => open(options, context, quickClock) },
  target: async () => {
    const echo = await startEcho()
    const emulator = await startEmulator({ pickUp: [5, 20], visible: [0, 5], publish: [1, 5] })
    return {
      url: `${emulator.url}?execution_timeout=600`,
      options: emulator.options,
      refused: [{ name: 'a node that nobody knows', options: { host: 'i-0fffffffffffffff0' } }],
      // The node is this machine. The agent's five workers are all taken where five commands wait for this one.
      farSide: { run: onThisMachine },
      echo: { host: echo.host, port: echo.port },
      close() {
        echo.close()
        return emulator.close()
      },
    }
  },
})
