// ssh_config(5) as lines of words. Pure; no line of it does anything yet.

/** One line. `include`: the files that an Include names, once they are loaded. */
export interface Directive {
  /** Lower-case. */
  readonly keyword: string
  readonly words: readonly string[]
  /** Everything behind the keyword as it stands: ProxyCommand is one command line. */
  readonly rest: string
  readonly file: string
  readonly line: number
  readonly include?: readonly (readonly Directive[])[]
}

export function parseConfig(text: string, file: string): Directive[] {
  const directives: Directive[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const match = /^(?:"([^"]*)"|([^\s="]+))(?:\s*=\s*|\s+)?([^]*)$/.exec(line)
    if (match === null) continue
    const rest = (match[3] ?? '').trim()
    directives.push({ keyword: (match[1] ?? match[2] ?? '').toLowerCase(), words: splitWords(rest), rest, file, line: index + 1 })
  }
  return directives
}

/** Words at spaces; quotes hold a word together, a backslash takes a quote, a backslash or a space as it is, # begins a comment. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    const following = text[at + 1]
    if (char === '\\' && following !== undefined && (following === '"' || following === "'" || following === '\\' || (following === ' ' && quote === undefined))) {
      word = (word ?? '') + following
      at++
    } else if (quote !== undefined) {
      if (char === quote) quote = undefined
      else word = (word ?? '') + char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === '#' && word === undefined) {
      break
    } else {
      word = (word ?? '') + char
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/** Seconds from `90`, `1m30s`, `2h`; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return undefined
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  let seconds = 0
  for (const [, count, unit] of text.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)) seconds += Number(count) * (units[unit === '' || unit === undefined ? 's' : unit] ?? 1)
  return seconds
}
