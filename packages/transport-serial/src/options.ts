// Every option of serial:// and serial+tcp:// as data, train-serial's by their names.
import type { OptionSpec, Secret } from '@train-ts/core'

export type Parity = 'none' | 'even' | 'odd' | 'mark' | 'space'

export interface SerialOptions {
  readonly host: string | undefined
  readonly port: number | undefined
  readonly path: string | undefined
  readonly user: string | undefined
  readonly password: Secret | undefined
  readonly device: string | undefined
  readonly baud: number | undefined
  readonly dataBits: number
  readonly parity: Parity
  readonly stopBits: number
  readonly flowControl: 'none' | 'hardware' | 'software'
  readonly dtr: boolean | undefined
  readonly rts: boolean | undefined
  readonly break: number | undefined
  readonly dialect: string
  readonly enablePassword: Secret | undefined
  readonly agent: 'auto' | 'push' | 'lite'
  readonly greeting: number | undefined
  readonly patience: number | undefined
  readonly setup: readonly string[] | undefined
  readonly teardown: readonly string[] | undefined
  readonly promptPattern: string | undefined
  readonly errorPattern: string | undefined
  readonly loginPrompt: string | undefined
  readonly passwordPrompt: string | undefined
  readonly bufferSize: number | undefined
  readonly bufferWait: number | undefined
  readonly bufferRetries: number | undefined
  readonly rawOutput: boolean | undefined
  readonly debugSerial: boolean
}

const inherited = "train-serial's; without effect: the end of output is known here, never guessed."

export const serialOptions: { readonly [Name in keyof SerialOptions]-?: OptionSpec } = {
  host: { type: 'string', from: 'host', plain: true, describe: 'serial+tcp: the console server. serial: the first part of the device, as in serial://dev/ttyUSB0/9600 or serial://COM3.' },
  port: { type: 'integer', from: 'port', plain: true, describe: 'serial+tcp: the TCP port of the console.' },
  path: { type: 'string', from: 'path', plain: true, describe: 'The device, as in serial:///dev/ttyS0.' },
  user: { type: 'string', from: 'user', aliases: ['username'], describe: 'Who logs in, where the console asks for a login.' },
  password: { type: 'secret', from: 'password', describe: 'The password of that login. Without one it is asked for.' },
  device: { type: 'string', plain: true, describe: 'The serial device, instead of the one in the URL; default /dev/ttyUSB0.' },
  baud: { type: 'integer', aliases: ['baudRate'], url: true, plain: true, describe: 'Bits a second; default 9600. Over serial+tcp: the speed of the line behind the console server, if known.' },
  dataBits: { type: 'integer', default: 8, url: true, plain: true, describe: 'Data bits of a character: 5 to 8.' },
  parity: { type: 'string', values: ['none', 'even', 'odd', 'mark', 'space'], default: 'none', url: true, plain: true, describe: 'The parity bit.' },
  stopBits: { type: 'integer', default: 1, url: true, plain: true, describe: 'Stop bits: 1 or 2.' },
  flowControl: { type: 'string', values: ['none', 'hardware', 'software'], default: 'none', url: true, plain: true, describe: 'hardware: RTS/CTS; software: XON/XOFF.' },
  dtr: { type: 'boolean', url: true, plain: true, describe: 'Sets the DTR line after opening.' },
  rts: { type: 'boolean', url: true, plain: true, describe: 'Sets the RTS line after opening.' },
  break: { type: 'milliseconds', plain: true, describe: 'Sends a break of so many milliseconds after opening.' },
  dialect: { type: 'string', default: 'posix', url: true, plain: true, describe: 'What runs at the console: posix, or a dialect of network gear or a boot loader.' },
  enablePassword: { type: 'secret', describe: 'Gear: the password of enable.' },
  agent: { type: 'string', values: ['auto', 'push', 'lite'], default: 'auto', url: true, plain: true, describe: 'lite: only sh, stty and printf are needed on the far side; output is then merged and there is no stdin.' },
  greeting: { type: 'milliseconds', url: true, plain: true, describe: 'How long the console may speak first, before a CR is typed.' },
  patience: { type: 'milliseconds', url: true, plain: true, describe: 'How long a login or a boot may be silent.' },
  setup: { type: 'list', describe: 'Gear: lines to send when the prompt is there.' },
  teardown: { type: 'list', describe: 'Gear: lines to send before the console is left.' },
  promptPattern: { type: 'string', describe: 'Gear: the prompt, as a regular expression that matches the last line.' },
  errorPattern: { type: 'string', describe: 'Gear: what in an answer is an error, as a regular expression. It is reported, and makes no exit code.' },
  loginPrompt: { type: 'string', describe: 'A regular expression where the usual login prompts do not fit.' },
  passwordPrompt: { type: 'string', describe: 'A regular expression where the usual password prompts do not fit.' },
  bufferSize: { type: 'integer', url: true, plain: true, describe: inherited },
  bufferWait: { type: 'milliseconds', url: true, plain: true, describe: inherited },
  bufferRetries: { type: 'integer', url: true, plain: true, describe: inherited },
  rawOutput: { type: 'boolean', url: true, plain: true, describe: inherited },
  debugSerial: { type: 'boolean', default: false, plain: true, describe: 'Tell as notices what the console shows until the agent is up. It holds whatever is shown there.' },
}
