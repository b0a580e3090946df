// The driver contract over winrm:// with Basic inside TLS, and sh behind the emulator.
import { describeConformance } from '@train-ts/testkit/vitest'
import { posixOverWinrm } from './support/posix-driver.js'
import { startPosixMachine } from './support/posix-machine.js'

describeConformance({
  name: 'winrm, Basic in TLS',
  driver: posixOverWinrm,
  async target() {
    const emulator = await startPosixMachine({ tls: true })
    const options = { connectionRetries: 1, winrmTransport: 'ssl', ...emulator.options }
    return { url: emulator.url, options, close: () => emulator.close(), refused: [{ name: 'a certificate that nobody vouches for', options: { ca: undefined } }] }
  },
})
