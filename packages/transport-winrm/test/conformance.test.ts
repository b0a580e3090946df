// The driver contract over winrm:// with sealed NTLM, and sh behind the emulator.
import { describeConformance } from '@train-ts/testkit/vitest'
import { posixOverWinrm } from './support/posix-driver.js'
import { startPosixMachine } from './support/posix-machine.js'

describeConformance({
  name: 'winrm, NTLM sealed',
  driver: posixOverWinrm,
  async target() {
    const emulator = await startPosixMachine()
    const options = { connectionRetries: 1, ...emulator.options }
    return { url: emulator.url, options, close: () => emulator.close(), refused: [{ name: 'a wrong password', options: { password: 'wrong' } }] }
  },
})
