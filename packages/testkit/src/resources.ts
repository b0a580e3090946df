// What keeps this process alive: sockets, pipes, processes, timers.
import { setImmediate } from 'node:timers/promises'

const counted = /^(TCPSocketWrap|TCPServerWrap|TLSWrap|UDPWrap|PipeWrap|ProcessWrap|TTYWrap|FSEventWrap|Timeout)$/

export type Resources = ReadonlyMap<string, number>

export function activeResources(): Resources {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) if (counted.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** What is held now and was not held `before`. Gives what is on its way out the turns of the event loop that it needs. */
export async function leftOver(before: Resources, milliseconds = 1_000): Promise<readonly string[]> {
  const deadline = performance.now() + milliseconds
  for (;;) {
    const more = [...activeResources()].flatMap(([name, count]) => Array.from({ length: Math.max(0, count - (before.get(name) ?? 0)) }, () => name))
    if (more.length === 0 || performance.now() > deadline) return more
    await setImmediate()
  }
}
