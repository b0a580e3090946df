import { describeConformance } from '@train-ts/testkit/vitest'
import driver from '@train-ts/transport-serial'
import { startEmulator } from '@train-ts/transport-serial/emulator'
import { onThisMachine } from './support/on-this-machine.js'

describeConformance({
  name: 'serial+tcp, a shell on a terminal',
  driver,
  target: async () => {
    const emulator = await startEmulator({ login: { user: 'operator', password: 'long live consoles' } })
    return {
      url: emulator.url,
      options: emulator.options,
      refused: [{ name: 'a wrong password', options: { password: 'wrong' } }],
      farSide: { run: onThisMachine },
      close: () => emulator.close(),
    }
  },
}, { patience: 60_000 })
