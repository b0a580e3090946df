// serial:// on serialport, and serial+tcp:// for raw TCP consoles. Importing this file does nothing; `./register` registers it.
export { serial, serial as default } from './driver.js'
export { listPorts } from './list-ports.js'
export type { Parity, SerialOptions } from './options.js'
export type { SerialNative } from './port-stream.js'
