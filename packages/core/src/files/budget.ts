// How much fits into one exec. Pure.
import type { Capabilities } from '../driver.js'

/** Room for what core puts around a script: its marker, directory and environment. */
const wrapping = 640

/** Bytes that a text takes in a command line: some characters are quoted for the login shell, and once more where that is not Bourne's. */
export function commandSize(text: string): number {
  let size = text.length
  for (const character of text) {
    if (character === "'" || character === '\\' || character === '!') size += 19
    else if (character === '\n') size += 4
  }
  return size
}

/** Characters that may still be added to `script`, as long as none of them needs quoting. Infinity where scripts travel on a live stdin. */
export function scriptRoom(capabilities: Capabilities, script: string): number {
  return capabilities.stdin === 'live' ? Infinity : Math.max(0, capabilities.limits.command - wrapping - commandSize(script))
}

/** Bytes of a script's own answer that arrive, given how it is armoured. */
export function answerRoom(capabilities: Capabilities, hexadecimal: boolean): number {
  const room = Math.max(0, capabilities.limits.stdout - 400)
  if (capabilities.binary || room === Infinity) return room
  return Math.floor(hexadecimal ? room / 3.2 : (room / 4) * 2.9)
}
