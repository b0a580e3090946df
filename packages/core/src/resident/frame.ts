import { quotePosix } from '../shell/quote-posix.js'

/**
 * A script of core's own in a subshell of the resident shell: no directory, variable or option of it reaches the next. Its stderr is not read. `id`:
 * the shell's random marker and the frame's number. The `: x` keeps it out of `$_`, where bash would show it to what comes next.
 */
export function probeFrame(id: string, text: string): string {
  return `( eval ${quotePosix(text)} ) </dev/null; echo ${id}:$?; : x\n`
}

/**
 * A user's command: a process of its own, in a session and so in a process group of its own; then its code on stdout, and the end on stderr. `program` reads
 * the text. The input is a here-document: as it is where every shell keeps it, else in base64.
 */
export function commandFrame(id: string, program: string, text: string, input: Uint8Array | undefined): string {
  const command = `setsid ${program} -c ${quotePosix(text)}`
  const end = `; echo ${id}:$?; echo ${id} >&2; : x\n`
  if (input === undefined || input.length === 0) return `${command} </dev/null${end}`
  const limit = `E${id}`
  if (isPlain(input)) return `${command} <<'${limit}'${end}${Buffer.from(input).toString('latin1')}${limit}\n`
  return `base64 -d <<'${limit}' | ${command}${end}${wrapped(Buffer.from(input).toString('base64'))}\n${limit}\n`
}

/** Told to a shell before its first command: macOS and the BSDs have no setsid, but perl. */
export const commandLibrary = 'command -v setsid >/dev/null 2>&1 || setsid() { perl -e \'use POSIX; POSIX::setsid(); exec @ARGV or exit 127\' -- "$@"; }'

/** A here-document keeps ASCII text with a final newline; NUL is dropped, hangs ksh93, or kills yash, and other bytes do not survive everywhere. */
function isPlain(input: Uint8Array): boolean {
  return input.at(-1) === 0x0a && input.every((byte) => byte === 0x0a || byte === 0x09 || (byte >= 0x20 && byte < 0x7f))
}

function wrapped(text: string): string {
  return text.replace(/.{76}(?=.)/g, '$&\n')
}

/** As 128 + signal: ksh93 adds 256 to a signal's number, yash 384. */
export function exitCodeOf(code: number): number {
  return code > 384 ? code - 256 : code > 256 ? code - 128 : code
}
