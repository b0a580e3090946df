// How a console is freed from what runs on it, in the order that costs least. Measured; the table is in docs/decisions.
import type { Screen } from './screen.js'

const interrupt = '\u0003'
const escape = '\u001b'
const endOfText = '\u0004'
const eraseLine = '\u0015'

/** One rung: keys to be typed before the take-over line, in groups with a short pause between them: an ESC and what follows at once is one key. */
export type Rung = readonly string[]

const none: Rung = []
const stopProgram: Rung = [`${interrupt}\r`]
const leavePager: Rung = [`${eraseLine}${interrupt}q\r`]
const leaveEditor: Rung = [escape, ':q!\r', interrupt]
const leavePython: Rung = [`${interrupt}${endOfText}`]
/** Ends an agent of an earlier connection, and its command. At a prompt it is one "command not found". */
export const quitStaleAgent: Rung = ['\nQ Q Q\n']

/**
 * The rungs for what the screen shows. The take-over line would be keystrokes to a pager or an editor, so there it is not tried first.
 * End-of-text logs a shell out: it is typed to Python alone. Ctrl-\ kills with a core dump: never.
 */
export function rungs(screen: Screen): readonly Rung[] {
  switch (screen) {
    case 'pager': return [leavePager, leaveEditor, stopProgram, quitStaleAgent]
    case 'full-screen': return [leaveEditor, leavePager, stopProgram, quitStaleAgent]
    case 'python': return [leavePython, stopProgram, leaveEditor, leavePager]
    case 'continuation': return [stopProgram, none, leavePager, leaveEditor]
    case 'prompt': return [none, stopProgram, leavePager, leaveEditor, quitStaleAgent]
    default: return [quitStaleAgent, stopProgram, leavePager, leaveEditor, none]
  }
}
