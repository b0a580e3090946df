// How a person gets onto the machine: Remote Desktop.
import type { WinrmOptions } from './options.js'

/** argv by the local platform; no password in it. */
export function loginCommand(options: Pick<WinrmOptions, 'host' | 'rdpPort' | 'user'>, platform: string): readonly string[] {
  const address = `${options.host.includes(':') ? `[${options.host}]` : options.host}:${options.rdpPort}`
  if (platform === 'win32') return ['mstsc', `/v:${address}`]
  if (platform === 'darwin') return ['open', `rdp://full%20address=s:${address}&username=s:${encodeURIComponent(options.user)}`]
  return ['rdesktop', '-u', options.user, address]
}
