// The one typed line that takes over a login shell, and the marker that proves it.
import type { Sum } from './cksum.js'

/** Makes the terminal carry any byte to the far side and change none on the way back. Every agent says it again when it must. */
export const rawMode = 'stty -echo -icanon -isig -ixon -ixoff -icrnl -inlcr -igncr -istrip -opost min 1 time 0'

export interface Marker {
  /** Typed at a prompt, then CR. Only single quotes outside; no `'`, `!`, `\` or newline inside: right in every login shell, fish and tcsh too. */
  readonly line: string
  /** What the far side prints: computed, so that no echo of the line can hold it, however an editor paints it. */
  readonly expected: string
}

const factor = 7919

/** Which checksum the far side has: `cksum` of nothing stands behind the marker, up to the end of its line. */
export function announcedSum(screen: string, marker: string): Sum | undefined {
  const rest = screen.slice(screen.indexOf(marker) + marker.length)
  return rest.includes('\n') ? (/^4294967295 0/.test(rest) ? 'cksum' : 'md5sum') : undefined
}

/**
 * The line starts a small loader in `sh`: it takes checksummed pieces of a program (see `loader.ts`) and runs it. `random` is from
 * 0 to 1; the product stays below 2^31, since mksh computes with 32 bits. `s` keeps the terminal's settings for the agent to restore.
 */
export function takeOverMarker(random: number): Marker {
  const number = 100_000 + Math.floor(random * 100_000)
  const program = [
    's=$(stty -g)', rawMode, `echo "<$((${number}*${factor}))>$(cksum 2>/dev/null </dev/null)"`, 'a=',
    'while read -r n k l;do case $n in .)eval "$k $l";;[0-9]*)set -- $(printf %s "$n $l"|{ cksum||md5sum; } 2>/dev/null);'
    + '[ "$1" = "$k" ]||continue;[ $n = ${#a} ]&&a=$a$l;echo "<${#a}.${#a}>";;:)[ "$k.$l" = ${#a}.${#a} ]&&eval "$a";esac;done',
  ].join(';')
  return { line: ` sh -c '${program}'`, expected: `<${number * factor}>` }
}
