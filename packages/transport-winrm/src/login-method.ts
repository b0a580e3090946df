// Which login the options ask for.
import { TransportError } from '@train-ts/core'
import { basicHeader, certificateHeader } from './auth/basic.js'
import { ntlmContext, spnegoNtlmContext } from './auth/ntlm-context.js'
import type { SecurityContext } from './auth/security-context.js'
import type { Authenticator } from './client/authenticator.js'
import { endPointBinding, ntlmBinding } from './codec/channel-binding.js'
import { kerberosLogins } from './kerberos/contexts.js'
import { parseAccount } from './ntlm/keys.js'
import type { WinrmOptions } from './options.js'

/** Randomness and the clock, as the pure parts take them. */
export interface Nature {
  readonly random: (length: number) => Uint8Array
  readonly now: () => number
}

export async function createAuthenticator(options: Readonly<WinrmOptions>, nature: Nature): Promise<Authenticator> {
  const { user, ssl: tls } = options
  if (options.clientCert !== undefined) {
    return { name: { user: 'the certificate', scheme: 'Certificate', tls }, header: certificateHeader, begin: () => Promise.resolve(undefined), dispose: nothing }
  }
  if (options.winrmTransport === 'ssl' || options.winrmTransport === 'plaintext' || options.winrmBasicAuthOnly) {
    return { name: { user, scheme: 'Basic', tls }, header: basicHeader(user, passwordOf(options)), begin: () => Promise.resolve(undefined), dispose: nothing }
  }
  if (options.winrmTransport === 'kerberos' || (options.winrmTransport === 'negotiate' && options.password === undefined)) {
    const logins = await kerberosLogins(options)
    return {
      name: { user, scheme: options.winrmTransport === 'kerberos' ? 'Kerberos' : 'Negotiate', tls },
      header: undefined,
      begin: (certificate) => logins.begin(bindingOf(options, certificate)),
      dispose: () => logins.dispose(),
    }
  }
  const begin = (certificate: Uint8Array | undefined): Promise<SecurityContext> => Promise.resolve(ntlm(options, nature, certificate))
  return { name: { user, scheme: 'Negotiate', tls }, header: undefined, begin, dispose: nothing }
}

function nothing(): void {
  // NTLM and Basic hold nothing but memory.
}

function ntlm(options: Readonly<WinrmOptions>, nature: Nature, certificate: Uint8Array | undefined): SecurityContext {
  const binding = bindingOf(options, certificate)
  const login = {
    account: parseAccount(options.user),
    password: passwordOf(options),
    servicePrincipal: `HTTP/${options.host}`,
    channelBinding: binding === undefined ? undefined : ntlmBinding(binding),
    random: nature.random,
    now: nature.now(),
  }
  return options.winrmTransport === 'spnego' ? spnegoNtlmContext(login) : ntlmContext(login)
}

function bindingOf(options: Readonly<WinrmOptions>, certificate: Uint8Array | undefined): Uint8Array | undefined {
  return certificate === undefined || !options.channelBinding ? undefined : endPointBinding(certificate)
}

function passwordOf({ password, user }: Readonly<WinrmOptions>): string {
  if (password === undefined) {
    throw new TransportError('INVALID_OPTIONS', `winrm:// needs a password for ${user}`, { hint: 'Give password, or winrmTransport: kerberos with a ticket from kinit.', details: { option: 'password' } })
  }
  return password.reveal()
}
