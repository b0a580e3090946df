// What a person would read: the bytes of a terminal without its control sequences.
const sequences = [
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, // OSC: titles
  /\u001b[PX^_][^\u001b]*\u001b\\/g, // DCS, SOS, PM, APC
  /\u001b\[[0-?]*[ -/]*[@-~]/g, // CSI: colours, cursor, modes
  /\u001b[()*+#%][ -~]/g, // character sets
  /\u001b[=>78cDEHMNOZ]/g, // keypad, save, reset
  /[\u0000\u0007]/g,
] as const

/**
 * Without OSC, CSI, other escapes, NUL and BEL; backspaces erase. Line ends stay as they came, but the CRs before an LF are one. A sequence
 * that is cut at the end stays.
 */
export function stripTerminal(text: string): string {
  let plain = text
  for (const sequence of sequences) plain = plain.replace(sequence, '')
  return backspaces(plain.replace(/\r+\n/g, '\r\n'))
}

/** `abc BS BS d` reads `ad`: how pagers and editors take their prompt away. A BS never crosses a line's start. */
function backspaces(text: string): string {
  if (!text.includes('\b')) return text
  const kept: string[] = []
  for (const character of text) {
    if (character !== '\b') kept.push(character)
    else if (kept.length > 0 && kept.at(-1) !== '\n' && kept.at(-1) !== '\r') kept.pop()
  }
  return kept.join('')
}

/** Stands for "erase from here on" while a line is painted. */
const erase = '\v'

/** The last line as it shows: what a CR took back to the margin and painted over, or erased, is gone. */
export function lastLine(text: string): string {
  const plain = stripTerminal(text.replace(/\u001b\[0?[JK]/g, erase))
  let shown = ''
  for (const part of plain.slice(plain.lastIndexOf('\n') + 1).split('\r')) {
    const [first = '', ...rest] = part.split(erase)
    shown = rest.length > 0 ? first + rest.join('') : first + shown.slice(first.length)
  }
  return shown
}

/** Whether so many characters are no text that the line looks set to a wrong baud rate. */
export function looksGarbled(text: string): boolean {
  if (text.length < 8) return false
  const strange = text.replace(/[\t\n\r\b\u0007\u0011\u0013\u001b -~]/g, '').length
  return strange / text.length > 0.3 && Buffer.from(text, 'latin1').toString('utf8').includes('\ufffd')
}
