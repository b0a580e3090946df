// From whatever a console shows to an agent that answers: login, ladder, marker.
import type { OpenContext } from '../driver.js'
import { TransportError } from '../errors.js'
import type { Sum } from './cksum.js'
import { pause } from './clock.js'
import type { TtyEnvironment } from './clock.js'
import { rungs } from './ladder.js'
import type { Line } from './line.js'
import { logIn } from './log-in.js'
import type { LoginState } from './login.js'
import { announcedSum, takeOverMarker } from './marker.js'
import type { TtyEngineOptions } from './options.js'
import { readScreen } from './screen.js'
import type { Screen } from './screen.js'
import { lastLine, stripTerminal } from './terminal-text.js'

/** Milliseconds until the marker must be there, on a line without a known speed. */
const markerLimit = 1500
/** Milliseconds after which an ESC is no longer the start of another key. */
const betweenKeys = 80
/** How often the whole ladder is climbed. */
const rounds = 2

export interface TakenOver {
  readonly login: LoginState
  /** The checksum that the far side has. */
  readonly sum: Sum
}

/** Brings the loader of `marker.ts` up; the screen is cleared. Throws AUTH_FAILED, CONNECT_FAILED, CONNECTION_LOST. */
export async function takeOver(line: Line, options: TtyEngineOptions, context: OpenContext, { random }: TtyEnvironment): Promise<TakenOver> {
  const { signal } = context
  let login = await logIn(line, options, context)
  // A line of 350 bytes, painted up to four times by an editor, on a slow line.
  const limit = markerLimit + (options.rate === undefined ? 0 : 1_500_000 / options.rate)
  let screen = readScreen(line.screen)
  let seen = line.screen
  for (let round = 0; round < rounds; round++) {
    for (const rung of rungs(screen)) {
      if (rung.length > 0) {
        line.clear()
        for (const keys of rung) {
          await line.write(keys)
          await pause(line.clock, betweenKeys)
        }
        await line.wait({ quiet: 700, quietAfterText: 300, limit: 3000, signal })
        seen = line.screen || seen
        screen = readScreen(line.screen)
        if (screen === 'login' || screen === 'password') login = await logIn(line, options, context)
        refuseForeign(readScreen(line.screen), line.screen)
      }
      const marker = takeOverMarker(random())
      line.clear()
      await line.write(`${marker.line}\r`)
      const until = (text: string) => (text.includes(marker.expected) ? announcedSum(text, marker.expected) !== undefined : complains(text))
      await line.wait({ until, limit, signal })
      if (line.screen.includes(marker.expected)) {
        const sum = announcedSum(line.screen, marker.expected) ?? 'cksum'
        line.clear()
        return { login, sum }
      }
      seen = line.screen || seen
      refuseForeign(readScreen(line.screen), line.screen)
    }
    screen = readScreen(line.screen)
    seen = line.screen || seen
  }
  throw noShell(seen)
}

/** Whether gear says that the take-over line is no command of its. */
function complains(screen: string): boolean {
  if (!/[>#] ?$/.test(screen)) return false
  const text = screen.slice(-2000)
  return /(?:^|\n)(?:% ?(?:Unknown|Invalid|Ambiguous|Bad IP)|\s*\^\s*\r?\n% |syntax error|unknown command\.?)/i.test(stripTerminal(text)) && /[>#] ?$/.test(lastLine(text))
}

/** Prompts that are known and not a shell's: each needs its own dialect. */
function refuseForeign(screen: Screen, text: string): void {
  const dialect = complains(text) ? 'ios, nxos, eos or junos' : foreign.get(screen)
  if (dialect === undefined) return
  throw new TransportError('CONNECT_FAILED', `The console is not at a POSIX shell but shows: ${shown(text)}`, {
    hint: `Connect with dialect ${dialect}, or boot the machine first.`, retryable: false,
  })
}

const foreign: ReadonlyMap<Screen, string> = new Map<Screen, string>([['grub', 'grub'], ['u-boot', 'u-boot'], ['powershell', 'powershell'], ['cmd', 'cmd']])

function noShell(seen: string): TransportError {
  const screen = readScreen(seen)
  if (screen === 'silent' || seen.trim() === '') {
    return new TransportError('CONNECT_FAILED', 'The console says nothing.', { hint: 'Check the cable, the baud rate and flow control, and that something (a getty, a shell) serves that line.' })
  }
  if (screen === 'garbage') {
    return new TransportError('CONNECT_FAILED', 'What arrives from the console is not text.', { hint: 'The baud rate, parity or number of bits is probably wrong.', retryable: false })
  }
  if (screen === 'boot') return new TransportError('CONNECT_FAILED', 'The machine at the console is still booting.', { hint: 'Connect again later, or give waitUntilReady.' })
  return new TransportError('CONNECT_FAILED', `No shell could be reached on the console; its last line: ${shown(seen)}`, {
    hint: 'Something runs there that does not end by Ctrl-C, q or :q!. End it by hand, or name the dialect of what runs there.',
  })
}

function shown(text: string): string {
  return JSON.stringify(lastLine(text.trimEnd()).slice(-120))
}
