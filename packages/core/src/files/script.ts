// Pieces of the POSIX scripts of this folder: how they begin, how they answer, how names stand in them. Pure.
import { TransportError } from '../errors.js'
import type { RemotePath } from '../driver.js'
import { quotePosix } from '../shell/quote-posix.js'

/** Drops comment lines, blank lines and indentation: a script may have to fit into a command line of 8,000 bytes. */
export function compact(script: string): string {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')
}

/**
 * What each script does first, since a login profile or the environment may have changed what names and options mean: exported
 * functions, aliases, noclobber, CDPATH, a hostile or empty PATH, a locale in which messages are translated.
 */
export const prologue = compact(String.raw`
unset -f cat mv ln rm chmod chown chgrp stat sync readlink wc head tail base64 openssl od sha256sum md5sum sed ls perl date mkdir cp tar find touch command test printf echo cd pwd '[' 2>/dev/null
unalias -a 2>/dev/null
set +euCfvx 2>/dev/null
PATH=/usr/bin:/bin:/usr/sbin:/sbin${'$'}{PATH:+:$PATH} LC_ALL=C TZ=UTC0
export PATH LC_ALL TZ
unset CDPATH LANGUAGE IFS
exec 2>/dev/null
`)

/** The answer's armour where the transport does not carry any byte: base64, by whichever program there is, else hexadecimal. */
const armoured = (token: string): string =>
  compact(String.raw`
if [ "$(printf x|base64)" = eA== ]; then echo "${token}<b"; main|base64
elif [ "$(printf x|openssl base64)" = eA== ]; then echo "${token}<b"; main|openssl base64
else echo "${token}<x"; main|od -An -v -tx1
fi
`)

/** What stands in front of a script, and may stay in a shell for the next: the prologue, and functions that `body` uses. */
export function frameLibrary(functions: string): string {
  return functions === '' ? prologue : `${prologue}\n${functions}`
}

/**
 * A script around `body`, to be run behind {@link frameLibrary}: shell text that prints its answer and then calls `say WORD…` exactly once.
 * Whatever a profile printed before stands in front of the marker; an answer without its last line has been cut. A file named by `W` is
 * removed by `say`.
 */
export function frameScript(token: string, body: string, binary: boolean): string {
  const say = `W=\nsay() { trap - 0; [ -z "$W" ] || rm -f -- "$W"; echo "${token}>$*"; exit 0; }`
  const start = binary ? `echo "${token}<r"; main` : armoured(token)
  return `${say}\nmain() {\n${body}\n}\n${start}`
}

/** The bytes of a remote path, checked: not empty, no NUL. One that begins with a dash gets `./`, so that no program takes it for an option. */
export function pathBytes(path: RemotePath): Uint8Array {
  if (typeof path !== 'string' && !(path instanceof Uint8Array)) throw new TypeError('A remote path is a string or bytes')
  const bytes = typeof path === 'string' ? Buffer.from(path, 'utf8') : Buffer.from(path)
  if (bytes.length === 0) throw new TransportError('INVALID_OPTIONS', 'A remote path is empty', { hint: "Write '.' for the working directory." })
  if (bytes.includes(0)) throw new TransportError('INVALID_OPTIONS', `A remote path holds a NUL byte: ${JSON.stringify(showPath(path))}`)
  return bytes[0] === 0x2d ? Buffer.concat([Buffer.from('./'), bytes]) : bytes
}

/** A path as text, for messages and details; bytes that are not UTF-8 become the replacement character. */
export function showPath(path: RemotePath): string {
  return typeof path === 'string' ? path : Buffer.from(path).toString('utf8')
}

/** A path as users get it: text where it is UTF-8, else bytes. */
export function pathFromBytes(bytes: Uint8Array): RemotePath {
  const text = Buffer.from(bytes).toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : Uint8Array.from(bytes)
}

/**
 * Bytes as one word of a script that is ASCII only, since some shells and lines lose other bytes: what lies between the first and
 * the last foreign byte goes through printf. A name's final newlines stand outside `$(…)`, which would drop them.
 */
export function scriptWord(bytes: Uint8Array): string {
  const foreign = (byte: number): boolean => byte >= 0x7f || (byte < 0x20 && byte !== 0x0a && byte !== 0x09)
  const first = bytes.findIndex(foreign)
  if (first < 0) return /^[A-Za-z0-9/._,:@%+-]+$/.test(latin1(bytes)) ? latin1(bytes) : quotePosix(latin1(bytes))
  const last = bytes.findLastIndex(foreign) + 1
  const quoted = (part: Uint8Array): string => (part.length === 0 ? '' : quotePosix(latin1(part)))
  return `${quoted(bytes.subarray(0, first))}"$(printf '${octal(bytes.subarray(first, last))}')"${quoted(bytes.subarray(last))}`
}

/** Bytes as a format for printf. Three digits each, so that a digit that follows is not taken in. */
export function octal(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const plain = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
    text += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
  }
  return text
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
