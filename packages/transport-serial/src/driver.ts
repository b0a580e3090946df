import type { TransportDriver } from '@train-ts/core'
import { open } from './open.js'
import { serialOptions, type SerialOptions } from './options.js'
import type { SerialNative } from './port-stream.js'
import { resolveSerialOptions } from './resolve.js'

/** The driver behind `serial://`, a console on a serial port of this machine, and `serial+tcp://`, one behind a console server. */
export const serial: TransportDriver<SerialOptions, SerialNative> = {
  name: '@train-ts/transport-serial',
  specVersion: 1,
  schemes: ['serial', 'serial+tcp'],
  options: serialOptions,
  dials: true,
  resolve: resolveSerialOptions,
  open,
}
