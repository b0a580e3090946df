import type { TransportDriver } from '@train-ts/core'
import { open } from './open.js'
import { resolveWinrmOptions, winrmOptions, type WinrmOptions } from './options.js'

/** The driver behind `winrm://`. Every byte goes through `context.dial`, so proxies and `via` work. */
export const winrm: TransportDriver<WinrmOptions> = {
  name: '@train-ts/transport-winrm',
  specVersion: 1,
  schemes: ['winrm'],
  options: winrmOptions,
  dials: true,
  resolve: resolveWinrmOptions,
  open,
}
