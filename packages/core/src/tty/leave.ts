// How a console is left: the login shell's prompt back, and logged out where this connection logged in.
import type { Line } from './line.js'
import { readScreen } from './screen.js'

/** After the agent was told to end. Bounded, never throws. */
export async function leaveLine(line: Line, loggedIn: boolean): Promise<void> {
  try {
    line.clear()
    await line.wait({ until: (text) => readScreen(text) === 'prompt', quietAfterText: 500, limit: 2000 })
    if (!loggedIn) return
    line.clear()
    await line.write('\u0015exit\r')
    await line.wait({ until: (text) => /logout|login: /.test(text), quietAfterText: 500, limit: 1000 })
  } catch {
    // The far side has closed the line first.
  }
}
