// Another user, for one call or for all. npx tsx examples/sudo.ts [URL]; a password comes from SUDO_PASSWORD
import './transports.js'
import { connect, isTransportError, secret } from '@train-ts/core'

await using host = await connect(process.argv[2] ?? 'local:')
const password = process.env['SUDO_PASSWORD']

try {
  // The whole command is elevated, pipes and redirections included; the password goes through stdin, never into a command line.
  const who = await host.run('id -un; cd /root && pwd', { sudo: password === undefined ? true : { password: secret(password) } })
  console.log(who.stdout.trim().split('\n').join(', '))
  // Files take it too. connect(url, { sudo: true }) makes it the rule for a connection.
  console.log((await host.file('/etc/shadow').stat({ sudo: true })).mode.toString(8))
} catch (error) {
  if (!isTransportError(error)) throw error
  console.log(`${error.code} (${error.details.reason ?? 'no reason'}): ${error.message}`)
}
