import { describeConformance } from '@train-ts/testkit/vitest'
import driver from '@train-ts/transport-awsssm'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import { onThisMachine, startEcho } from './on-this-machine.js'

describeConformance({
  name: 'awsssm, Session Manager',
  driver,
  target: async () => {
    const echo = await startEcho()
    const emulator = await startEmulator()
    return {
      url: `${emulator.url}?mode=session`,
      options: emulator.options,
      refused: [{ name: 'a node that nobody knows', options: { host: 'i-0fffffffffffffff0' } }],
      farSide: { run: onThisMachine },
      echo: { host: echo.host, port: echo.port },
      close() {
        echo.close()
        return emulator.close()
      },
    }
  },
}, { patience: 60_000 })
