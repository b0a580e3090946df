// The scripts that move a whole directory as a tar archive. Pure.
import { compact, scriptWord } from './script.js'
import { errnoFunction, whyFunctions } from './why-script.js'

/** Says `notar` where it cannot be run: it is tried, since busybox finds applets that it lacks. TAR_OPTIONS would change it, macOS would add files. */
export const tarThere = 'unset TAR_OPTIONS\nCOPYFILE_DISABLE=1\nexport COPYFILE_DISABLE\ntar --help </dev/null >/dev/null\n[ $? = 127 ] && say notar'

export interface UnpackPlan {
  readonly path: Uint8Array
  /** Names the directory in which the archive is unpacked first: beside the target, or in it where it exists. */
  readonly token: string
  readonly owner: string | undefined
  /** An archive that is there already; undefined: stdin. */
  readonly archive: Uint8Array | undefined
}

/** Where the target is, and where the archive is unpacked: on the same file system, so that all can be renamed into place. */
const findPlaces = (plan: UnpackPlan): string =>
  compact(String.raw`
T=${scriptWord(plan.path)}
while :; do case $T in ?*/) T=${'$'}{T%/} ;; *) break ;; esac; done
case $T in */*) D=${'$'}{T%/*}; [ "$D" ] || D=/ ;; *) D=. ;; esac
if [ -d "$T" ]; then N=$T/.train-ts-${plan.token}; else N=$D/.train-ts-${plan.token}; fi
`)

/**
 * Unpacks and then puts all into place: a new directory by one rename; into a directory that is there, what is new by renaming and files one
 * by one, after a look whether a file stands where a directory should be. The last file of the archive proves that it is whole.
 */
export function unpackBody(plan: UnpackPlan): string {
  return [
    whyFunctions,
    errnoFunction,
    tarThere,
    findPlaces(plan),
    `E=.train-ts-end-${plan.token}`,
    compact(String.raw`
here() { [ -e "$1" ] || [ -L "$1" ]; }
no() { rm -rf -- "$N"; say "$@"; }
try() { e=$("$@" 2>&1) || { errno "$e"; no $w; }; }
[ -d "$T" ] || { [ -e "$T" ] && say notdir; [ -L "$T" ] && { dang "$T"; say $w; }; [ -d "$D" ] || { why "$T"; say $w; }; }
trap "rm -rf -- \"\$N\"; exit 1" 0 1 2 3 13 15
e=$(mkdir -m 700 -- "$N" 2>&1) || { errno "$e"; say $w; }
e=$( (cd -- "$N" && tar -xpof -) ${plan.archive === undefined ? '' : `<${scriptWord(plan.archive)}`} 2>&1 ) || { errno "$e"; no $w; }
[ -f "$N/$E" ] || no short
# Taking it away changes the time of the directory, which is kept on it meanwhile.
touch -r "$N" "$N/$E"
mv -f -- "$N/$E" "$N.e"
touch -r "$N.e" "$N"
rm -f -- "$N.e"
${plan.owner === undefined ? '' : `try chown -R -h -- ${scriptWord(Buffer.from(plan.owner))} "$N/."`}
if [ ! -d "$T" ]; then
  e=$(mv -fT -- "$N" "$T" 2>&1) || { [ -d "$T" ] && no exists; try mv -f -- "$N" "$T"; }
  say ok
fi
check() {
  for x in "$N$1"/* "$N$1"/.[!.]* "$N$1"/..?*; do
    here "$x" || continue
    y=$T${'$'}{x#"$N"}
    if [ -d "$x" ] && [ ! -L "$x" ]; then
      if [ -d "$y" ]; then check "${'$'}{x#"$N"}"; else here "$y" && no notdir; fi
    elif [ -d "$y" ] && [ ! -L "$y" ]; then no isdir
    fi
  done
}
put() {
  for x in "$N$1"/* "$N$1"/.[!.]* "$N$1"/..?*; do
    here "$x" || continue
    y=$T${'$'}{x#"$N"}
    if [ -d "$x" ] && [ ! -L "$x" ] && [ -d "$y" ]; then put "${'$'}{x#"$N"}"; fi
  done
  set -- "$1" "$N$1"/* "$N$1"/.[!.]* "$N$1"/..?*
  d=$1
  shift
  i=0 a=
  for x do
    i=$((i+1))
    here "$x" || continue
    y=$T${'$'}{x#"$N"}
    if [ -d "$x" ] && [ ! -L "$x" ] && [ -d "$y" ]; then continue; fi
    a="$a \"\${$i}\""
  done
  [ -z "$a" ] || eval "try mv -f -- $a \"\$T\$d/\""
}
check ""
put ""
rm -rf -- "$N"
say ok
`),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** Removes what an unpacking left whose outcome is unknown. */
export function cleanTreeBody(plan: UnpackPlan): string {
  return `${findPlaces(plan)}\nfor x in "$N" "$T/.train-ts-${plan.token}" "$D/.train-ts-${plan.token}"; do rm -rf -- "$x" "$x.e"; done\nsay ok`
}

/**
 * Packs a directory to stdout, or into a file that is there. What tar says is kept apart: a file that grew is told by code 1 and is whole as far
 * as it was; one that shrank has been filled up with zeros.
 */
export function packBody(path: Uint8Array, into: Uint8Array | undefined): string {
  return [
    whyFunctions,
    errnoFunction,
    tarThere,
    `T=${scriptWord(path)}`,
    compact(String.raw`
[ -d "$T" ] || {
  if [ -e "$T" ]; then w=notdir; elif [ -L "$T" ]; then dang "$T"; else why "$T"; fi
  say $w
}
cd -- "$T" || say denied
[ -r . ] || say denied
{ e=$(tar -cf - . 2>&1 >&3); r=$?; } 3>${into === undefined ? '&1' : scriptWord(into)}
case $e in *shrank*|*'hort read'*) say changed ;; esac
[ $r -le 1 ] || { errno "$e"; say $w "$e"; }
say ok
`),
  ].join('\n')
}
