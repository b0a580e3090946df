// The driver contract over winrm://, with sh behind the emulator. A real cmd.exe and a real PowerShell are in peers/.
import { describeConformance } from '@train-ts/testkit/vitest'
import type { EmulatorKnobs } from '../emulator/index.js'
import { posixOverWinrm } from './support/posix-driver.js'
import { startPosixMachine } from './support/posix-machine.js'

const kinds: readonly (readonly [string, EmulatorKnobs, Record<string, unknown>])[] = [
  ['winrm, NTLM sealed', {}, {}],
  ['winrm, Basic in TLS', { tls: true }, { winrmTransport: 'ssl' }],
]

for (const [name, knobs, options] of kinds) {
  describeConformance({
    name,
    driver: posixOverWinrm,
    async target() {
      const emulator = await startPosixMachine(knobs)
      return { url: emulator.url, options: { connectionRetries: 1, ...emulator.options, ...options }, close: () => emulator.close(), refused: [{ name: 'a wrong password', options: { password: 'wrong' } }] }
    },
  })
}
