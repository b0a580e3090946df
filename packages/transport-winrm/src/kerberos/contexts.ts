// Kerberos logins: one credential for the whole connection, one security context per socket.
import { TransportError } from '@train-ts/core'
import type { SecurityContext } from '../auth/security-context.js'
import type { WinrmOptions } from '../options.js'
import { toSspiLayout } from './cfx.js'
import { GssError, loadGssapi, type Gssapi, type Handle, type Mechanism } from './gssapi.js'

export interface KerberosLogins {
  begin(binding: Uint8Array | undefined): Promise<SecurityContext>
  /** Gives the credential back. */
  dispose(): void
}

export async function kerberosLogins(options: Readonly<WinrmOptions>): Promise<KerberosLogins> {
  const gss = await loadGssapi()
  const mechanism: Mechanism = options.winrmTransport === 'kerberos' ? 'krb5' : 'spnego'
  const service = `${options.kerberosService}@${options.host}`
  let credential: Promise<Handle> | undefined
  return {
    async begin(binding) {
      try {
        credential ??= acquire(gss, options, mechanism)
        const held = await credential
        return createContext(gss, { credential: held, target: gss.importName(service, 'service'), mechanism, binding, service })
      } catch (error) {
        credential = undefined
        throw explain(error, service)
      }
    },
    dispose() {
      void credential?.then((held) => gss.releaseCredential(held), () => undefined)
      credential = undefined
    },
  }
}

async function acquire(gss: Gssapi, options: Readonly<WinrmOptions>, mechanism: Mechanism): Promise<Handle> {
  if (options.password === undefined) return gss.acquire(undefined, undefined, mechanism)
  const principal = gss.importName(principalOf(options), 'user')
  try {
    return await gss.acquire(principal, options.password.reveal(), mechanism)
  } finally {
    gss.releaseName(principal)
  }
}

/** name@REALM; DOMAIN\name is taken for name@DOMAIN. */
function principalOf({ user, kerberosRealm }: Readonly<WinrmOptions>): string {
  const [, domain, name] = /^([^\\]+)\\(.+)$/.exec(user) ?? []
  if (name !== undefined && domain !== undefined) return `${name}@${kerberosRealm ?? domain.toUpperCase()}`
  return user.includes('@') || kerberosRealm === undefined ? user : `${user}@${kerberosRealm}`
}

interface ContextParts {
  readonly credential: Handle
  readonly target: Handle
  readonly mechanism: Mechanism
  readonly binding: Uint8Array | undefined
  readonly service: string
}

function createContext(gss: Gssapi, parts: ContextParts): SecurityContext {
  let context: Handle
  let complete = false
  let disposed = false
  /** The library would read freed memory. */
  const alive = (): Handle => {
    if (disposed) throw new GssError('the connection was closed')
    return context
  }
  return {
    scheme: parts.mechanism === 'krb5' ? 'Kerberos' : 'Negotiate',
    protocol: parts.mechanism === 'krb5' ? 'application/HTTP-Kerberos-session-encrypted' : 'application/HTTP-SPNEGO-session-encrypted',
    async step(token) {
      try {
        const result = await gss.init({ ...parts, context: alive(), token })
        context = result.context
        complete = result.complete
        return result.token
      } catch (error) {
        throw explain(error, parts.service)
      }
    },
    get complete() {
      return complete
    },
    wrap: (message) => toSspiLayout(gss.wrap(alive(), message), message.length),
    unwrap: (header, data) => gss.unwrap(alive(), Buffer.concat([header, data])),
    dispose() {
      if (disposed) return
      disposed = true
      complete = false
      if (context !== undefined && context !== null) gss.deleteContext(context)
      gss.releaseName(parts.target)
    },
  }
}

/** What MIT's library says, and what to do about it. */
const remedies: readonly (readonly [pattern: RegExp, hint: string, reason: string])[] = [
  [/clock skew/i, 'The clocks of this machine, the domain controller and the target differ by more than five minutes.', 'clock_skew'],
  [/server not found|not found in kerberos database/i, 'The domain knows no such service: connect by the full name of the machine, or set kerberosService to WSMAN.', 'wrong_spn'],
  [/preauthentication failed|password incorrect|decrypt integrity/i, 'Check user and password.', 'refused'],
  [/no (kerberos )?credentials|credentials cache file|matching credential not found/i, 'Run kinit first, or give user and password.', 'no_ticket'],
  [/cannot (contact|resolve|find) .*kdc/i, 'Check the realm in /etc/krb5.conf and the way to its domain controller.', 'no_kdc'],
  [/expired/i, 'Renew the ticket with kinit.', 'expired'],
]

function explain(error: unknown, service: string): unknown {
  if (!(error instanceof GssError)) return error
  const [, hint, reason] = remedies.find(([pattern]) => pattern.test(error.message)) ?? []
  const message = `The Kerberos login to ${service} failed: ${error.message.trim().replace(/\.$/, '')}.`
  return new TransportError('AUTH_FAILED', message, { cause: error, hint, details: { reason: reason ?? 'kerberos' } })
}
