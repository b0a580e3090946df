// argv for a person's terminal. No secret in it. Pure.
import type { SshOptions } from './options.js'
import type { Settings } from './settings.js'

export function loginCommand(options: Readonly<SshOptions>, settings: Settings): string[] {
  const argv = ['ssh', '-p', String(settings.port), '-l', settings.user]
  const option = (name: string, value: string): void => void argv.push('-o', `${name}=${value}`)
  for (const file of settings.keyFiles) argv.push('-i', file)
  if (settings.identitiesOnly) option('IdentitiesOnly', 'yes')
  if (options.knownHosts !== undefined) option('UserKnownHostsFile', settings.knownHosts.join(' '))
  if (settings.hostKeys === 'accept-new') option('StrictHostKeyChecking', 'accept-new')
  if (options.hostKeyAlias !== undefined) option('HostKeyAlias', options.hostKeyAlias)
  if (settings.jumps.length > 0) argv.push('-J', settings.jumps.map(({ text }) => text).join(','))
  else if (settings.proxyCommand !== undefined) option('ProxyCommand', settings.proxyCommand.replaceAll('%', '%%'))
  if (settings.forwardAgent) argv.push('-A')
  if (options.sshConfig === false) argv.push('-F', 'none')
  else if (typeof options.sshConfig === 'string') argv.push('-F', options.sshConfig)
  return [...argv, '--', options.host]
}
