// Every option of serial://, as data. Names of train-serial; what types commands on the far side by itself is never taken from a URL.
import { TransportError, type OptionSpec, type Secret, type Target } from '@train-ts/core'

export type Parity = 'none' | 'even' | 'odd' | 'mark' | 'space'

export interface SerialOptions {
  readonly device: string
  readonly baud: number
  readonly dataBits: number
  readonly parity: Parity
  readonly stopBits: number
  readonly user?: string
  readonly password?: Secret
  readonly bufferSize: number
  readonly bufferWait: number
  readonly bufferRetries: number
  readonly setup?: readonly string[]
  readonly teardown?: readonly string[]
  readonly errorPattern: string
  readonly rawOutput: boolean
  readonly promptPattern?: string
  readonly debugSerial: boolean
}

export const serialOptions: { readonly [Name in keyof SerialOptions]-?: OptionSpec } = {
  device: { type: 'string', from: 'path', default: '/dev/ttyUSB0', describe: 'The serial port of this machine: serial:///dev/ttyUSB0.' },
  baud: { type: 'integer', default: 9600, aliases: ['baudRate'], url: true, plain: true, describe: 'Bits a second.' },
  dataBits: { type: 'integer', default: 8, url: true, plain: true, describe: 'Data bits of a character: 5 to 8.' },
  parity: { type: 'string', default: 'none', values: ['none', 'even', 'odd', 'mark', 'space'], url: true, plain: true, describe: 'Parity bit.' },
  stopBits: { type: 'integer', default: 1, url: true, plain: true, describe: 'Stop bits: 1 or 2.' },
  user: { type: 'string', from: 'user', describe: 'Who logs in, where the console asks.' },
  password: { type: 'secret', from: 'password', describe: 'Password of the login.' },
  bufferSize: { type: 'integer', default: 1024, url: true, plain: true, describe: 'Bytes of one read.' },
  bufferWait: { type: 'milliseconds', default: 250, url: true, plain: true, describe: 'How long the line is quiet before output without a prompt counts as complete (milliseconds, as in Train).' },
  bufferRetries: { type: 'integer', default: 3, url: true, plain: true, describe: 'How often to wait so long.' },
  setup: { type: 'list', describe: 'Commands typed after the login.' },
  teardown: { type: 'list', describe: 'Commands typed before the port is closed.' },
  errorPattern: { type: 'string', default: 'ERROR: .*$', describe: 'Regular expression of output that means failure, for gear without exit codes.' },
  rawOutput: { type: 'boolean', default: false, url: true, plain: true, describe: 'Keep echo and prompt in the output.' },
  promptPattern: { type: 'string', describe: 'Regular expression of the prompt, for gear without a shell.' },
  debugSerial: { type: 'boolean', default: false, plain: true, describe: 'Tell all traffic as notices. It holds whatever the console shows.' },
}

const dataBits = [5, 6, 7, 8]
const stopBits = [1, 2]

/** Refuses what no serial port can do, and patterns that are none. */
export function resolveSerialOptions(given: Readonly<SerialOptions>, _target: Target): Readonly<SerialOptions> {
  if (given.baud <= 0) refuse('baud', `baud is ${given.baud}`, 'Give the bits a second of the other side, such as 9600 or 115200.')
  if (!dataBits.includes(given.dataBits)) refuse('dataBits', `dataBits is ${given.dataBits}`, 'Give 5, 6, 7 or 8.')
  if (!stopBits.includes(given.stopBits)) refuse('stopBits', `stopBits is ${given.stopBits}`, 'Give 1 or 2.')
  for (const option of ['errorPattern', 'promptPattern'] as const) checkPattern(option, given[option])
  return given
}

function checkPattern(option: string, pattern: string | undefined): void {
  try {
    new RegExp(pattern ?? '', 'm')
  } catch {
    refuse(option, `${option} is not a regular expression`, 'Escape what is meant literally: ( ) [ ] { } . * + ? ^ $ | \\')
  }
}

function refuse(option: string, message: string, hint: string): never {
  throw new TransportError('INVALID_OPTIONS', message, { hint, details: { option } })
}
