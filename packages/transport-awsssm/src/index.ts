// The awsssm:// transport. Importing it has no side effect; `./register` is what registers.
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { TransportDriver } from '@train-ts/core'
import { openFleet } from './open-fleet.js'
import { open } from './open.js'
import type { AwsSsmOptions, GivenAwsSsmOptions } from './options.js'
import { options, resolveOptions } from './options.js'

export type { AwsCredentials, AwsSsmOptions, GivenAwsSsmOptions } from './options.js'

/** Commands and files on machines that AWS Systems Manager manages: no open port, no key, no bastion. */
const awsssm: TransportDriver<AwsSsmOptions, SSMClient> = {
  name: '@train-ts/transport-awsssm',
  specVersion: 1,
  schemes: ['awsssm'],
  options,
  resolve: resolveOptions,
  open: (given, context) => open(given, context),
  openFleet,
}

export default awsssm

declare module '@train-ts/core' {
  interface TransportOptionsMap {
    readonly awsssm: GivenAwsSsmOptions
  }
}
