// What went wrong, in words that say what to do.
import { TransportError } from '@train-ts/core'
import { parseChallenges, schemeNames } from '../codec/challenges.js'
import type { HttpFailure } from '../http/connection.js'
import type { HttpResponse } from '../http/response-parser.js'
import { faultCode, type WsmanFault } from '../wsman/fault.js'

/** Who logs in how, for messages. */
export interface LoginName {
  readonly user: string
  /** Of the Authorization header. */
  readonly scheme: 'Basic' | 'Negotiate' | 'Kerberos' | 'Certificate'
  readonly tls: boolean
}

/** 401 after our last word. Never retried: accounts lock. */
export function loginRefused(response: HttpResponse, login: LoginName): TransportError {
  const offered = parseChallenges(response.headers.get('www-authenticate') ?? [])
  const names = schemeNames(offered)
  if (offered.length > 0 && login.scheme !== 'Certificate' && !offered.some(({ scheme }) => scheme === login.scheme.toLowerCase())) {
    return new TransportError('AUTH_FAILED', `The service does not offer ${login.scheme}; it offers ${names}.`, {
      hint: `Choose another winrmTransport, or enable ${login.scheme} on the machine: winrm set winrm/config/service/auth @{${login.scheme}="true"}.`,
      details: { reason: 'scheme_not_offered' },
    })
  }
  const local = 'Local accounts but the built-in Administrator also need LocalAccountTokenFilterPolicy=1 on the machine.'
  return new TransportError('AUTH_FAILED', `The service refused the login of ${login.user} by ${login.scheme} (it offers ${names}).`, {
    hint: `Check user and password. ${login.scheme === 'Certificate' ? 'The certificate must be mapped to an account there.' : local}`,
    details: { reason: 'refused' },
  })
}

/** An answer that is neither a reply nor a fault. */
export function unexpectedStatus(response: HttpResponse, sealed: boolean, tls: boolean): TransportError {
  const { status } = response
  if (status === 500 && !sealed && !tls) {
    return new TransportError('PROTOCOL_ERROR', 'The service refused an unencrypted message (500 without a fault).', {
      hint: 'It has AllowUnencrypted=false, as it should: use winrmTransport negotiate, or ssl.',
      details: { reason: 'allow_unencrypted' },
    })
  }
  const hints: Readonly<Record<number, string>> = {
    400: 'It could not decrypt the message: was it sent through a proxy that shares connections?',
    403: 'The account may not use the service (Remote Management Users), or its policy forbids it.',
    404: 'Check the path: /wsman is the usual one.',
    411: 'Something in between rewrites the requests.',
    503: 'The service is starting, or one of its quotas is used up.',
  }
  const code = status === 503 ? 'CONNECT_FAILED' : status === 403 ? 'AUTH_FAILED' : 'PROTOCOL_ERROR'
  return new TransportError(code, `The service answered with HTTP ${status}.`, { hint: hints[status], details: { reason: `http_${status}` } })
}

/** The connection failed under a request. `answered`: there had been answers before, so something was lost. */
export function connectionFailure(failure: HttpFailure, answered: boolean): TransportError {
  const malformed = failure.reason === 'malformed'
  if (!malformed && !answered) {
    return new TransportError('CONNECT_FAILED', `The service does not answer as WinRM does: ${failure.message}.`, { cause: failure, hint: 'Is this the port of WinRM, and TLS where it has to be?', details: { reason: failure.reason } })
  }
  return new TransportError(malformed ? 'PROTOCOL_ERROR' : 'CONNECTION_LOST', malformed ? `The answer is not acceptable: ${failure.message}.` : `The connection failed: ${failure.message}.`, {
    cause: failure,
    details: { reason: failure.reason },
  })
}

/** A fault that nobody handled. */
export function faultError(fault: WsmanFault): TransportError {
  const { faultNumber } = fault
  const message = `The service reports: ${fault.message}${faultNumber === undefined ? '' : ` (${faultNumber})`}`
  const details = { reason: String(faultNumber ?? fault.subcode ?? 'fault') }
  if (isShellQuota(fault)) {
    return new TransportError('BUSY', message, { cause: fault, details, hint: "The user's quota of shells (MaxShellsPerUser) is used up: close other connections, or raise it with winrm set winrm/config/winrs." })
  }
  if (faultNumber === faultCode.tooManyOperations) {
    return new TransportError('BUSY', message, { cause: fault, details, hint: "The user's quota of operations (MaxConcurrentOperationsPerUser) is used up." })
  }
  if (faultNumber === faultCode.accessDenied) {
    return new TransportError('PERMISSION_DENIED', message, { cause: fault, details, hint: 'The account needs the rights of Administrators, or of Remote Management Users with access to the shell.' })
  }
  return new TransportError('PROTOCOL_ERROR', message, { cause: fault, details })
}

/** Its number is not certain, its words are. */
export function isShellQuota(fault: WsmanFault): boolean {
  return fault.faultNumber === faultCode.tooManyShells || /concurrent shells/i.test(fault.message)
}
