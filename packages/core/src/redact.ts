// Takes known secrets out of text and errors.
import { redactError } from './redact-error.js'

export interface Redactor {
  /** `text` with `[secret]` in place of each secret: as it stands, percent-encoded (wholly, partly, in either case), in JSON, in base64. */
  text(text: string): string
  /** `error` itself where `inspect` shows no secret in it, else a copy without: name, message, stack, code, causes. Never throws. */
  error(error: unknown): unknown
}

/** Shorter secrets are left alone: every text has an "a" in it, and `[secret]` in its place would tell more than it hides. */
const shortest = 3
/** Of a piece of base64: shorter ones occur by chance. */
const shortestPiece = 8
const mark = '[secret]'

export function createRedactor(secrets: Iterable<string>): Redactor {
  const known = [...new Set(secrets)].filter((secret) => secret.length >= shortest)
  if (known.length === 0) return { text: (text) => text, error: (error) => error }
  let replace: ((text: string) => string) | undefined // most connections never have an error
  const text = (given: string): string => (replace ??= replacer([...new Set(known.flatMap(formsOf))]))(given)
  return { text, error: (error) => redactError(error, text) }
}

/** `inspect` breaks a key of many lines into its lines. */
function linesOf(secret: string): string[] {
  return secret.includes('\n') ? secret.split(/\r?\n/).filter((line) => line.length >= shortestPiece && !line.startsWith('-----')) : []
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const quoted = [json, json.replaceAll('\\"', '"'), json.replaceAll('\\"', '"').replaceAll("'", "\\'")]
  const whole = [secret, `${secret}\n`].map((text) => Buffer.from(text).toString('base64')).flatMap((form) => [form, form.replace(/=+$/, '')])
  const encoded = [...whole, ...piecesOf(secret)]
  return [secret, ...linesOf(secret), ...quoted, ...encoded, ...encoded.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))]
}

/** What is sure to stand in the base64 of a longer text that holds the secret (`user:password`), wherever it begins there. */
function piecesOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2]
    .map((offset) => {
      const base64 = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
      return base64.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
    })
    .filter((piece) => piece.length >= shortestPiece)
}

interface Form {
  readonly plain: string
  /** Its characters, each with the same percent-encoded. */
  readonly letters: readonly (readonly [plain: string, percent: string])[]
}

/**
 * Replaces the forms in a text: the longest first, so that no end of one is left over. By hand and not by a pattern, because the
 * error about a pattern that is too large repeats the pattern, and so the secret.
 */
function replacer(given: readonly string[]): (text: string) => string {
  const forms = given.map((plain): Form => ({ plain, letters: Array.from(plain, (letter) => [letter, percentOf(letter)] as const) }))
  forms.sort((one, other) => other.plain.length - one.plain.length)
  const byStart = new Map<string, Form[]>([['%', forms]]) // anything may begin percent-encoded
  for (const form of forms) {
    for (const start of form.plain.startsWith(' ') ? [' ', '+'] : [form.plain.charAt(0)]) {
      if (start !== '%') byStart.set(start, [...(byStart.get(start) ?? []), form])
    }
  }
  return (text) => {
    let result = ''
    let kept = 0
    for (let at = 0; at < text.length; ) {
      // What is redacted already stays as it is.
      const end = text.startsWith(mark, at) ? at + mark.length : endOfFirst(byStart.get(text.charAt(at)) ?? [], text, at)
      if (end > at) {
        result += text.slice(kept, at) + mark
        kept = end
      }
      at = Math.max(end, at + 1)
    }
    return result + text.slice(kept)
  }
}

function endOfFirst(forms: readonly Form[], text: string, start: number): number {
  for (const { plain, letters } of forms) {
    const end = text.startsWith(plain, start) ? start + plain.length : endOfEncoded(letters, text, start)
    if (end !== -1) return end
  }
  return -1
}

/** Where the form ends, each of its characters as it is or percent-encoded; -1 where it does not stand here. */
function endOfEncoded(letters: Form['letters'], text: string, start: number): number {
  let at = start
  for (const [plain, percent] of letters) {
    if (text.charAt(at) === '%' && text.slice(at, at + percent.length).toUpperCase() === percent) at += percent.length
    else if (text.startsWith(plain, at)) at += plain.length
    else if (plain === ' ' && text.charAt(at) === '+') at += 1
    else return -1
  }
  return at
}

function percentOf(letter: string): string {
  return Array.from(Buffer.from(letter), (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')
}
