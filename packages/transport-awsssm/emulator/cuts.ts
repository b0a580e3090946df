// How much of a command's output survives, in the order in which it is lost: first the agent's cut, in bytes, then the API's, in characters.
// Measured with a real agent; pure.

const agentLimit = 24_000
const suffix = '--output truncated--'
const apiLimits = { stdout: 24_000, stderr: 8_000 } as const

/** What the agent reports of one stream: at most 24,000 bytes, its suffix included, and U+FFFD for each byte that is not UTF-8. */
export function agentCut(bytes: Uint8Array): string {
  if (bytes.byteLength <= agentLimit) return goText(bytes)
  return goText(bytes.subarray(0, agentLimit - suffix.length)) + suffix
}

/** What GetCommandInvocation gives of it. */
export function apiCut(stream: 'stdout' | 'stderr', text: string): string {
  const limit = apiLimits[stream]
  return text.length <= limit ? text : Array.from(text).slice(0, limit).join('')
}

/** CommandPlugin.Output of ListCommandInvocations: both streams in 2,500 characters. */
export function combinedOutput(stdout: string, stderr: string): string {
  const limit = 2_500
  const separator = stderr === '' ? '' : '\n----------ERROR-------\n'
  if (stdout.length + separator.length + stderr.length <= limit) return stdout + separator + stderr
  const outNote = '\n---Output truncated---'
  const errorNote = '\n---Error truncated----'
  if (stderr === '') return stdout.slice(0, limit - outNote.length) + outNote
  const half = Math.floor((limit - separator.length) / 2)
  const out = stdout.length <= half ? stdout : stdout.slice(0, half - outNote.length) + outNote
  const room = limit - separator.length - out.length
  return out + separator + (stderr.length <= room ? stderr : stderr.slice(0, room - errorNote.length) + errorNote)
}

const validSequence = /[\x00-\x7f]+|(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[\x80-\xff]/g

/** As Go's JSON encoder does: one U+FFFD for each byte that is not part of a valid sequence. */
function goText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').replace(validSequence, (part) => {
    const text = Buffer.from(part, 'latin1').toString('utf8')
    return part.length === 1 && part >= '\x80' ? '\ufffd' : text
  })
}
