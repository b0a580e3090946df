// The script that lists a directory, or all of a tree, with metadata, in one exec. Pure.
import { compact, scriptWord } from './script.js'
import { statLibrary } from './stat-script.js'

export interface ListAsk {
  readonly path: Uint8Array
  readonly recursive: boolean
  /** Entries of one `stat`; smaller where entries come and go all the time. */
  readonly chunk: number
  /** Chunks to skip, and to answer: a page. */
  readonly from: number
  readonly count: number
}

/**
 * For each chunk of entries the names, each with NUL, an empty field, and what `m` answers (stat-script.ts). A directory that cannot be
 * looked into is a chunk of its own: an empty field and its name. Shell patterns find any name and fork nothing.
 */
const functions = compact(String.raw`
o() {
  g=$((g+1))
  [ $g -gt $G1 ] && [ $g -le $G2 ] || return 0
  printf "%s\000" "$@"
  z
  m "$@"
}
w() {
  [ -r "$1" ] && [ -x "$1" ] || {
    g=$((g+1))
    [ $g -gt $G1 ] && [ $g -le $G2 ] && printf "\000%s\000" "$1"
    return 0
  }
  set -- "$1"* "$1".[!.]* "$1"..?*
  j=0 b= c=0
  for x do
    j=$((j+1))
    [ -e "$x" ] || [ -L "$x" ] || continue
    b="$b \"\${$j}\"" c=$((c+1))
    [ $c = $C ] && { eval "o $b"; b= c=0; }
  done
  [ "$b" ] && eval "o $b"
  [ "$Y" ] || return 0
  for x do
    [ -d "$x" ] && [ ! -L "$x" ] && w "$x/"
  done
  :
}
`)

/** The same for every listing. */
export const listLibrary = `${statLibrary}\n${functions}`

/** Names begin with `./`. The last words are `ok CHUNKS`, all that there are. */
export function listBody({ path, recursive, chunk, from, count }: ListAsk): string {
  return [
    `T=${scriptWord(path)} Y=${recursive ? '1' : ''} R= C=${String(chunk)} G1=${String(from)} G2=${String(from + count)} H= g=0`,
    compact(String.raw`
[ -d "$T" ] || {
  if [ -e "$T" ]; then w=notdir; elif [ -L "$T" ]; then dang "$T"; else why "$T"; fi
  say $w
}
cd -- "$T" || say denied
[ -r . ] || say denied
w ./
say ok $g
`),
  ].join('\n')
}
