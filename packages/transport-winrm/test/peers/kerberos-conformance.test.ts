// The driver contract over winrm:// with sealed Kerberos: a real KDC, MIT's acceptor, and sh behind the emulator.
import { peer } from '@train-ts/testkit'
import { describeConformance, describeWithPeer } from '@train-ts/testkit/vitest'
import { secret } from '@train-ts/core'
import { startGateway } from '../support/gss-gateway.js'
import { startRealm } from '../support/kdc.js'
import { posixOverWinrm } from '../support/posix-driver.js'
import { startPosixMachine } from '../support/posix-machine.js'

describeWithPeer([peer('krb5kdc'), peer('kadmin.local'), peer('python-gssapi'), peer('libgssapi')], 'Kerberos', () => {
  describeConformance({
    name: 'winrm, Kerberos sealed',
    driver: posixOverWinrm,
    async target() {
      const realm = await startRealm('localhost', 'Gehe1m-secret')
      for (const [name, value] of Object.entries(realm.env)) if (name.startsWith('KRB5')) process.env[name] = value
      const emulator = await startPosixMachine({ allowUnencrypted: true })
      const gateway = await startGateway(emulator, { mechanism: 'krb5', env: realm.env })
      return {
        url: `winrm://alice@localhost:${gateway.port}/wsman`,
        options: { winrmTransport: 'kerberos', kerberosRealm: 'TRAIN.TEST', password: secret('Gehe1m-secret'), shell: 'cmd', connectionRetries: 1 },
        refused: [{ name: 'a wrong password', options: { password: 'wrong' } }],
        async close() {
          await gateway[Symbol.asyncDispose]()
          await emulator.close()
          await realm[Symbol.asyncDispose]()
        },
      }
    },
  })
})
