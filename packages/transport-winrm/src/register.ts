// The only file here with a side effect: makes `winrm://` known to the default registry, for bundlers that cannot look it up.
import { registerTransport } from '@train-ts/core'
import winrm from './index.js'

registerTransport(winrm)
