// The only file here with a side effect: makes `serial://` known to the default registry, for bundlers that cannot look it up.
import { registerTransport } from '@train-ts/core'
import serial from './index.js'

registerTransport(serial)
