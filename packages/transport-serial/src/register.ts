// Importing this file registers serial:// and serial+tcp:// in the default registry.
import { registerTransport } from '@train-ts/core'
import driver from './index.js'

registerTransport(driver)
