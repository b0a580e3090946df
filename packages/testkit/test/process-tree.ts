// The processes of this machine that carry a token in their environment, by /proc.
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

/** Name of the variable; a random value makes a token of it. */
export const tokenName = 'TRAIN_KIT_TOKEN'

/** Ends them, and resolves when they are gone. */
export async function endTree(token: string): Promise<void> {
  for (let ids = processesWith(token); ids.length > 0; ids = processesWith(token)) {
    for (const id of ids) {
      try {
        process.kill(id, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    await setImmediate()
  }
}

function processesWith(token: string): readonly number[] {
  const mark = Buffer.from(`${tokenName}=${token}\0`)
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    try {
      return readFileSync(`/proc/${name}/environ`).includes(mark)
    } catch {
      return false // ended meanwhile, or somebody else's
    }
  }).map(Number)
}
