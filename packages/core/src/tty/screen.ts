// What a console shows, as far as it decides what may be typed into it. Hints only: the computed marker is the proof of a shell.
import { lastLine, looksGarbled, stripTerminal } from './terminal-text.js'

export type Screen =
  | 'login' | 'password' | 'failed' | 'expired' | 'unavailable'
  | 'pager' | 'full-screen' | 'python' | 'continuation'
  | 'grub' | 'u-boot' | 'boot' | 'powershell' | 'cmd'
  | 'prompt' | 'garbage' | 'silent' | 'other'

const login = /(?:^|[\r\n])(?!.*last login)[^\r\n]*\b(?:login|user ?name)\s*:\s*$/i
const password = /(?:^|[\r\n])[^\r\n]*\b(?:password|passphrase|passcode|pin)\b[^\r\n:]{0,60}:\s*$/i
const failed = /login incorrect|authentication failure|authentication token manipulation|permission denied|access denied|bad password|timed out after \d+ seconds|maximum number of/i
const unavailable = /account is currently not available|nologin|account (?:has expired|is locked)/i
const expired = /required to change your password|password (?:has )?expired|current password: $|new password: $/i
const pager = /(?:--\s?more\s?--\S*|<--- more --->|---\(more[^)]*\)---|\(END\)|lines \d+-\d+|\s:|^:)\s*(?:\r\(END\))?\s*$/i
const boot = /^\[ *\d+\.\d{3,6}\] |^(?:SeaBIOS|U-Boot |Loading |Starting kernel|Uncompressing|Booting|GNU GRUB)|\[ {0,2}OK {0,2}\] /m
const fullScreen = /\u001b\[\?1049h(?![\s\S]*\u001b\[\?1049l)/

/** Reads everything that has arrived since something was last typed (latin1, as it came). */
export function readScreen(raw: string): Screen {
  if (raw.length === 0) return 'silent'
  const text = stripTerminal(raw)
  const prompt = ofPrompt(lastLine(raw))
  // A prompt after "Permission denied" is a profile's complaint, not a failed login.
  if (prompt !== undefined && !fullScreen.test(raw)) return prompt
  if (expired.test(text)) return 'expired'
  if (failed.test(text)) return 'failed'
  if (unavailable.test(text)) return 'unavailable'
  if (login.test(text)) return 'login'
  if (password.test(text)) return 'password'
  if (pager.test(text)) return 'pager'
  if (fullScreen.test(raw)) return 'full-screen'
  return looksGarbled(raw) ? 'garbage' : boot.test(text) ? 'boot' : text.trim() === '' ? 'silent' : 'other'
}

function ofPrompt(line: string): Screen | undefined {
  if (/^>>> $/.test(line)) return 'python'
  if (/^grub(?: rescue)?> ?$/.test(line)) return 'grub'
  if (/^(?:=>|U-Boot>|[A-Za-z0-9_-]+ ?# ?(?<=u-boot# ?)) ?$/i.test(line)) return 'u-boot'
  if (/^PS [^>]*> ?$/.test(line)) return 'powershell'
  if (/^[A-Z]:\\[^>]*>$/.test(line)) return 'cmd'
  if (/^(?:> |quote> |dquote> |\? )$/.test(line)) return 'continuation'
  if (/[$#%>] ?$/.test(line)) return 'prompt'
  return undefined
}
