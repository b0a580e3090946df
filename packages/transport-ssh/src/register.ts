// Importing this file registers ssh:// in the default registry.
import { registerTransport } from '@train-ts/core'
import driver from './index.js'

registerTransport(driver)
