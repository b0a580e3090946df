export { serial, serial as default } from './driver.js'
export type { Parity, SerialOptions } from './options.js'
