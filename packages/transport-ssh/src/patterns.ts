// OpenSSH's patterns (ssh_config(5), PATTERNS): `*`, `?`, lists with commas and `!`. Pure. No backtracking beyond the last star, so that
// no pattern from a file can make it slow.

/** Whether the whole `text` matches. At most text × pattern steps. */
export function matchPattern(text: string, pattern: string): boolean {
  let at = 0
  let p = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    const wanted = pattern[p]
    if (wanted === '*') {
      star = p++
      resume = at
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[at])) {
      at++
      p++
    } else if (star !== -1) {
      p = star + 1
      at = ++resume
    } else {
      return false
    }
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** A list with commas: one must match, and none that is negated with `!`. */
export function matchPatternList(text: string, list: string): boolean {
  return matchPatterns(text, list.split(','))
}

export function matchPatterns(text: string, patterns: readonly string[]): boolean {
  let found = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchPattern(text, pattern.slice(1))) return false
    } else if (pattern !== '' && matchPattern(text, pattern)) {
      found = true
    }
  }
  return found
}
