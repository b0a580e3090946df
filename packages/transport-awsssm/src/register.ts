// import '@train-ts/transport-awsssm/register' makes awsssm:// known to `connect`.
import { registerTransport } from '@train-ts/core'
import awsssm from './index.js'

registerTransport(awsssm)
