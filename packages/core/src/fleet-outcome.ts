import type { RunResult } from './connection.js'
import type { TransportError } from './errors.js'

/** What came of a command on one machine: it ran, or its outcome is unknown. A non-zero exit code is a result. */
export type FleetOutcome = { readonly target: string; readonly result: RunResult } | { readonly target: string; readonly error: TransportError }
