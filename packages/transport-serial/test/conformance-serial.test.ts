import { peer } from '@train-ts/testkit'
import { describeConformance, describeWithPeer } from '@train-ts/testkit/vitest'
import driver from '@train-ts/transport-serial'
import { afterAll } from 'vitest'
import { createUser, openConsole } from './support/console.js'
import type { LoginUser } from './support/console.js'
import { runAs } from './support/run-as.js'

/** A line carries one connection at a time and the kit opens several at once: each gets a line of its own. */
const open: typeof driver.open = async (options, context) => {
  const line = await openConsole()
  try {
    const session = await driver.open({ ...options, device: line.device }, context)
    const close = async () => {
      await session.close()
      await line.close()
    }
    return { ...session, close }
  } catch (error) {
    await line.close()
    throw error
  }
}

describeWithPeer([peer('root'), peer('socat'), peer('agetty'), peer('setsid')], 'a serial line with a getty', () => {
  let user: LoginUser | undefined
  afterAll(() => user?.[Symbol.dispose]())

  describeConformance({
    name: 'serial, a real login',
    driver: { ...driver, open, dials: false },
    target: () => {
      const account = (user ??= createUser())
      return {
        url: 'serial:///dev/replaced?baud_rate=115200',
        options: { user: account.name, password: account.password },
        refused: [{ name: 'a wrong password', options: { password: 'wrong' } }],
        farSide: { run: runAs(account.name) },
      }
    },
  }, { patience: 90_000 })
})
