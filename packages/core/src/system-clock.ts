import type { TtyEnvironment } from './tty/clock.js'

/** The real time and real random numbers, for `tty/`, which takes both as arguments. */
export const systemEnvironment: TtyEnvironment = {
  clock: {
    now: () => performance.now(),
    after(milliseconds, action) {
      const timer = setTimeout(action, Math.min(milliseconds, 2 ** 31 - 1))
      return () => { clearTimeout(timer) }
    },
  },
  random: Math.random,
}
