// ssh:// on ssh2. Importing this file does nothing; `@train-ts/transport-ssh/register` registers it.
import type { TransportDriver } from '@train-ts/core'
import type { Client } from 'ssh2'
import { open } from './open.js'
import { options } from './options.js'
import { resolve } from './resolve.js'
import type { GivenSshOptions, SshOptions } from './options.js'

const driver: TransportDriver<SshOptions, Client> = {
  name: '@train-ts/transport-ssh',
  specVersion: 1,
  schemes: ['ssh'],
  options,
  dials: true,
  resolve,
  open,
}

export default driver
export type { HostKeyCheck, HostKeyInfo, HostKeyMode } from './host-key-info.js'
export type { GivenSshOptions, SshOptions } from './options.js'

declare module '@train-ts/core' {
  interface TransportOptionsMap {
    readonly ssh: GivenSshOptions
  }
}
