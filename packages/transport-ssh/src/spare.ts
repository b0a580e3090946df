// A session channel opened ahead: over a long line it saves the round trip in which a command waits for its channel. On a short line it would
// only hold one of the server's slots, so it is not opened there.
import type { ClientChannel } from 'ssh2'

/** Where opening a channel has never been quicker than this (ms), the line is long. */
const longLine = 5

export interface SpareChannels {
  /** Opening a channel took this long. */
  measured(milliseconds: number): void
  /** The channel that stands ready, if it still does. */
  take(): ClientChannel | undefined
  /** A command has ended and nothing else runs: the next one may follow. */
  prepare(): void
  /** The server has no slot to spare. */
  giveUp(): void
}

/** `open` calls back with a channel, or without one where it was refused. */
export function createSpareChannels(open: (opened: (channel: ClientChannel | undefined) => void) => void): SpareChannels {
  let quickest = Infinity
  let ready: ClientChannel | undefined
  let opening = false
  let wanted = true
  return {
    measured: (milliseconds) => void (quickest = Math.min(quickest, milliseconds)),
    take() {
      const channel = ready
      ready = undefined
      return channel?.writableEnded === true ? undefined : channel // ended: the server has closed it since
    },
    prepare() {
      if (!wanted || opening || ready !== undefined || quickest === Infinity || quickest < longLine) return
      opening = true
      open((channel) => {
        opening = false
        if (channel === undefined) return void (wanted = false)
        if (!wanted) return void channel.close()
        ready = channel
      })
    },
    giveUp() {
      wanted = false
      ready?.close()
      ready = undefined
    },
  }
}
