// telnet://user:password@host:23, whole: an option table, and a stream for the console engine, which does the rest.
import type { OptionSpec, Secret, TransportDriver } from '@train-ts/core'
import { openTty } from '@train-ts/core/tty'
import { telnetStream } from './stream.js'

export interface TelnetOptions {
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: Secret | undefined
  readonly dialect: string
}

const options: { readonly [Name in keyof TelnetOptions]-?: OptionSpec } = {
  host: { type: 'string', from: 'host', required: true, plain: true, describe: 'Name or address.' },
  port: { type: 'integer', from: 'port', default: 23, plain: true, describe: 'TCP port.' },
  user: { type: 'string', from: 'user', aliases: ['username'], describe: 'Who logs in. Telnet carries it in clear text.' },
  password: { type: 'secret', from: 'password', describe: 'The password. Telnet carries it in clear text.' },
  dialect: { type: 'string', default: 'posix', url: true, plain: true, describe: 'What answers there: posix, or a dialect of network gear.' },
}

const driver: TransportDriver<TelnetOptions> = {
  name: 'train-transport-telnet',
  specVersion: 1,
  schemes: ['telnet'],
  options,
  dials: true,
  async open({ host, port, user, password, dialect }, context) {
    const stream = telnetStream(await context.dial(host, port, context))
    const login = { ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }) }
    // A server speaks first, when the options are agreed on; a CR before that would be an empty user.
    return await openTty(stream, { dialect, greeting: 3000, ...login }, context)
  },
}

export default driver
