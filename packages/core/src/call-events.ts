import type { ExecEvent } from './driver.js'
import type { TransportError } from './errors.js'

/** A call's events. `stop` ends the far side, and makes the next pull throw `error`. */
export interface CallEvents extends AsyncGenerator<ExecEvent, void, undefined> {
  stop(error: TransportError): void
}
