import { TransportError } from '@train-ts/core'
import type { Target } from '@train-ts/core'
import { deviceOf } from './device.js'
import type { SerialOptions } from './options.js'

/** Train's. */
const defaultDevice = '/dev/ttyUSB0'

/** Rules between options, before anything is opened: what no serial port can do, patterns that are none, and where to go. */
export function resolveSerialOptions(given: Readonly<SerialOptions>, target: Target): Readonly<SerialOptions> {
  if (given.baud !== undefined && given.baud <= 0) refuse('baud', `baud is ${given.baud}`, 'Give the bits a second of the other side, such as 9600 or 115200.')
  if (![5, 6, 7, 8].includes(given.dataBits)) refuse('dataBits', `dataBits is ${given.dataBits}`, 'Give 5, 6, 7 or 8.')
  if (![1, 2].includes(given.stopBits)) refuse('stopBits', `stopBits is ${given.stopBits}`, 'Give 1 or 2.')
  for (const option of ['promptPattern', 'errorPattern', 'loginPrompt', 'passwordPrompt'] as const) checkPattern(option, given[option])
  const { host, port, path, device } = given
  if (target.scheme === 'serial+tcp' || (port !== undefined && device === undefined && path === undefined)) {
    if (host === undefined || port === undefined) refuse('port', 'serial+tcp needs a host and a port', 'Write serial+tcp://host:port.')
    return { ...given, device: undefined }
  }
  if (port !== undefined) refuse('port', 'a serial device has no port', 'Write serial+tcp://host:port for a console server.')
  const named = deviceOf(host, path)
  return { ...given, device: device ?? named.device ?? defaultDevice, baud: given.baud ?? named.baudRate }
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
