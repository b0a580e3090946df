import type { TransportDriver } from '@train-ts/core'
import { open } from './open.js'
import { resolveSerialOptions, serialOptions, type SerialOptions } from './options.js'

/** The driver behind `serial://`: a console on a serial port of this machine. */
export const serial: TransportDriver<SerialOptions> = {
  name: '@train-ts/transport-serial',
  specVersion: 1,
  schemes: ['serial'],
  options: serialOptions,
  resolve: resolveSerialOptions,
  open,
}
