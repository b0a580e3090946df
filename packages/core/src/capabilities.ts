import type { Capabilities, DeclaredCapabilities, Session } from './driver.js'
import { TransportError } from './errors.js'

/** What an author left out means the cautious answer. */
const cautious: Capabilities = {
  shell: undefined,
  stderr: false,
  exitCode: false,
  stdin: 'none',
  streaming: false,
  kill: 'none',
  binary: false,
  privateInput: false,
  env: false,
  cwd: false,
  pty: false,
  runAs: false,
  concurrency: 1,
  limits: { command: 8_000, stdin: 0, stdout: Infinity, stderr: Infinity },
}

/** The whole table from what a driver declares. A live stdin has no limit unless one is declared. */
export function completeCapabilities(declared: DeclaredCapabilities = {}): Capabilities {
  const stdin = declared.stdin === 'live' ? Infinity : 0
  return Object.freeze({ ...cautious, ...declared, limits: Object.freeze({ ...cautious.limits, stdin, ...declared.limits }) })
}

/** What a connection can do once the far shell is known: core wraps what the driver does not take itself. */
export function deriveCapabilities(declared: Capabilities, shell: Capabilities['shell']): Capabilities {
  if (shell !== 'posix') return shell === declared.shell ? declared : Object.freeze({ ...declared, shell })
  return Object.freeze({ ...declared, shell, env: true, cwd: true, kill: 'tree' })
}

/** Throws UNSUPPORTED: `what` is refused before anything is sent. */
export function refuse(what: string, hint?: string, reason?: string): never {
  throw new TransportError('UNSUPPORTED', what, { hint, details: reason === undefined ? {} : { reason } })
}

/** The optional operation of a session, or UNSUPPORTED that names it. */
export function requireOperation<Name extends 'shell' | 'forward' | 'listen' | 'loginCommand'>(session: Session, name: Name, transport: string): NonNullable<Session[Name]> {
  const operation = session[name]
  if (operation === undefined) refuse(`${transport} offers no ${name}().`, 'The table of transports in the README says which one does.')
  return operation.bind(session) as NonNullable<Session[Name]> // bind() loses the union's narrowing
}
