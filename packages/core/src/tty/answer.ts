// What a far side without a shell said to a command: its echo, pagers and the prompt taken away. Pure.
import { lastLine, stripTerminal } from './terminal-text.js'

const pager = /(?:--\s?more\s?--\S*|<--- more --->|---\(more[^)]*\)---|\(END\)|lines \d+-\d+(?:\/\d+)?(?: \(END\))?)\s*$/i

/** Whether the far side waits for a key before it says more. */
export function atPager(screen: string): boolean {
  return pager.test(lastLine(screen))
}

/** Whether that is the end, where only `q` leads on. */
export function atPagerEnd(screen: string): boolean {
  return /\(END\)\s*$/i.test(lastLine(screen))
}

/** Whether the far side waits for a command; `learnt` is the name that its prompt had before. */
export function atPrompt(screen: string, prompt: RegExp): boolean {
  return prompt.test(lastLine(screen).trimStart())
}

/**
 * The answer alone: without the echoed command (which a long line wraps), the line with the prompt, and what pagers painted. Line ends are LF.
 */
export function answerOf(screen: string, command: string): string {
  const painted = screen.split('\n').map((line) => shown(line)).join('\n')
  const lines = painted.replace(/\r/g, '').split('\n')
  lines.pop() // the prompt
  const echo = stripTerminal(command).trim()
  if (lines[0]?.trimEnd().endsWith(echo) === true) lines.shift()
  return lines.filter((line) => !pager.test(line)).map((line) => `${line}\n`).join('')
}

/** One line as it shows in the end: a pager's prompt is painted over. */
function shown(line: string): string {
  const bare = line.replace(/\r+$/, '')
  // Blanks are how some pagers wipe.
  return bare.includes('\r') ? lastLine(bare).trimEnd() : lastLine(bare)
}
