// Which script makes a machine of this platform a node. A new kind of machine is a new line of the table.
import { TransportError } from '@train-ts/core'
import type { Platform } from '@train-ts/core'
import { posixTemplate } from './posix-template.js'
import type { Template } from './template.js'

const templates: readonly { readonly family: string; readonly template: Template }[] = [
  { family: 'unix', template: posixTemplate },
  // { family: 'windows', template: windowsTemplate }: a batch file or PowerShell, an MSI, and Windows' own directories.
]

export function templateFor(platform: Platform): Template {
  const found = templates.find(({ family }) => platform.is(family))
  if (found !== undefined) return found.template
  throw noTemplate(`${platform.title} (family ${platform.family})`)
}

export function noTemplate(system: string): TransportError {
  return new TransportError('UNSUPPORTED', `There is no bootstrap script for ${system} yet.`, {
    hint: 'So far it is for Linux and other Unix systems. A template for Windows has its place in examples/bootstrap/templates.ts.',
    details: { reason: 'platform' },
  })
}
