// The script that reads a regular file, or a part of it. Pure.
import { compact, scriptWord } from './script.js'
import { hashFunction } from './stat-script.js'
import { errnoFunction, whyFunctions } from './why-script.js'

export interface ReadAsk {
  readonly path: Uint8Array
  readonly start: number
  /** Bytes to read from `start`; undefined: to the end. */
  readonly length: number | undefined
  /** Of the first so many bytes of the file: the hash goes into the last line. 'size': of as many as the file had at the beginning. */
  readonly hash: number | 'size' | undefined
}

/**
 * Answers a line `SIZE MODE INODE DEVICE` (dashes where unknown), the bytes, and `say ok HASH`. Only a regular file is ever opened: a
 * pipe or a device would block, or do something. A file that grows is read as long as it was at the beginning where it is hashed.
 */
export function readBody({ path, start, length, hash }: ReadAsk): string {
  const take = dataCommand(start, length, hash === 'size')
  const check = hash === undefined ? 'say ok' : `g=$(head -c ${hash === 'size' ? '$S' : String(hash)} <"$P"|h); say ok $g`
  return [
    whyFunctions,
    errnoFunction,
    hash === undefined ? '' : hashFunction('sha256'),
    `P=${scriptWord(path)}`,
    compact(String.raw`
[ -f "$P" ] || {
  if [ -d "$P" ]; then say isdir; elif [ -e "$P" ]; then say special; elif [ -L "$P" ]; then dang "$P"; else why "$P"; fi
  say $w
}
e=$( (: <"$P") 2>&1 ) || { errno "$e"; say $w; }
I=$(stat -L -c "%s %a %i %d" -- "$P" || stat -L -f "%z %Lp %i %d" -- "$P" || perl -e "@s=stat shift;printf qq(%s %o %s %s),\$s[7],\$s[2]&4095,\$s[1],\$s[0]" -- "$P") || { I=$(wc -c <"$P"); I="${'$'}{I##* } - - -"; }
S=${'$'}{I%% *}
echo "$I"
`),
    `${take} || say failed`,
    check,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function dataCommand(start: number, length: number | undefined, bounded: boolean): string {
  if (length === 0) return ':'
  if (start === 0) {
    if (length !== undefined) return `head -c ${String(length)} <"$P"`
    return bounded ? 'if [ $S = 0 ]; then cat <"$P"; else head -c $S <"$P"; fi' : 'cat <"$P"'
  }
  const skip = `tail -c +${String(start + 1)} <"$P"`
  return length === undefined ? skip : `${skip}|head -c ${String(length)}`
}
