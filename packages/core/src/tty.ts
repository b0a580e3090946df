// `@train-ts/core/tty`: a session over anything that only offers a prompt.
import { systemEnvironment } from './system-clock.js'
import { createOpenTty } from './tty/open-tty.js'

/** Turns an interactive byte stream (a serial console, telnet, an SSH shell) into a session. It owns the stream from here on. */
export const openTty = createOpenTty(systemEnvironment)

export { createOpenTty } from './tty/open-tty.js'
export type { Clock, TtyEnvironment } from './tty/clock.js'
export type { TtyEngineOptions } from './tty/options.js'
