// The scripts that change what is at a path: one exec each. Pure. `T` is the path, `U` a second one.
import { compact, scriptWord } from './script.js'
import { errnoFunction, whyFunctions } from './why-script.js'

/** Functions that each of them uses: `it` says why T is not there, `do` runs a command and says why it failed. */
export const changeLibrary = [
  whyFunctions,
  errnoFunction,
  compact(String.raw`
here() { [ -e "$1" ] || [ -L "$1" ]; }
it() { here "$T" || { why "$T"; say $w; }; }
try() { e=$("$@" 2>&1) || { errno "$e"; say $w; }; }
place() {
  here "$1" && return
  case $1 in */*) d=${'$'}{1%/*} ;; *) d=. ;; esac
  [ -d "${'$'}{d:-/}" ] || { why "$1"; say $w; }
}
`),
].join('\n')

const paths = (path: Uint8Array, second?: Uint8Array): string => `T=${scriptWord(path)}${second === undefined ? '' : ` U=${scriptWord(second)}`}`
const body = (...parts: readonly string[]): string => [...parts.filter((part) => part !== ''), 'say ok'].join('\n')

export interface Ownership {
  readonly mode?: number | undefined
  /** As chown takes it. */
  readonly owner?: string | undefined
}

/** A command for each of them that is given; `options` such as -R or -h. */
function ownership({ mode, owner }: Ownership, target: string, options = ''): string {
  return [
    owner === undefined ? '' : `try chown ${options}-- ${scriptWord(Buffer.from(owner))} "${target}"`,
    mode === undefined ? '' : `try chmod ${options.replace('-h ', '')}-- ${mode.toString(8)} "${target}"`,
  ]
    .filter((line) => line !== '')
    .join('\n')
}

/** With all directories on the way. An existing directory is no error, and keeps its mode unless one is given. */
export function makeDirectoryBody(path: Uint8Array, { mode, owner }: Ownership): string {
  const make = compact(String.raw`
e=$(mkdir -p -- "$T" 2>&1) || {
  [ -d "$T" ] && say ok
  here "$T" && [ ! -L "$T" ] && say exists
  why "$T"
  [ $w = missing ] && errno "$e"
  say $w
}
`)
  return body(paths(path), make, ownership({ mode, owner }, '$T'))
}

/** A link itself is removed, never what it leads to. `missingOk`: nothing there is what was wanted. */
export function removeBody(path: Uint8Array, recursive: boolean, missingOk: boolean): string {
  const missing = missingOk ? 'here "$T" || { why "$T"; [ $w = missing ] && say ok; say $w; }' : 'it'
  const directory = recursive ? 'try rm -rf -- "$T"' : 'e=$(rmdir -- "$T" 2>&1) || { for x in "$T"/* "$T"/.[!.]* "$T"/..?*; do here "$x" && say notempty; done; errno "$e"; say $w; }'
  return body(paths(path), missing, `if [ -d "$T" ] && [ ! -L "$T" ]; then ${directory}`, 'else try rm -f -- "$T"; fi', 'here "$T" && say failed')
}

/** As rename(2) has it: replaces a file, or an empty directory by a directory. `exclusive`: replaces nothing. */
export function renameBody(path: Uint8Array, to: Uint8Array, exclusive: boolean): string {
  return body(
    paths(path, to),
    'it',
    exclusive ? 'here "$U" && say exists' : '',
    compact(String.raw`
place "$U"
if [ -d "$U" ] && [ ! -L "$U" ]; then
  { [ -d "$T" ] && [ ! -L "$T" ]; } || say isdir
  [ "$T" -ef "$U" ] && say ok
  rmdir -- "$U" || say notempty
elif here "$U" && [ -d "$T" ] && [ ! -L "$T" ]; then say notdir
fi
`),
    exclusive ? 'e=$(mv -nT -- "$T" "$U" 2>&1) || try mv -n -- "$T" "$U"\nhere "$T" && say exists' : 'e=$(mv -fT -- "$T" "$U" 2>&1) || try mv -f -- "$T" "$U"',
  )
}

/** A file appears whole under its new name; a directory that is there already is added to. */
export function copyBody(path: Uint8Array, to: Uint8Array, recursive: boolean, token: string): string {
  return body(
    paths(path, to),
    'it',
    'place "$U"',
    compact(String.raw`
case $U in */*) D=${'$'}{U%/*}; [ "$D" ] || D=/ ;; *) D=. ;; esac
N=$D/.train-ts-${token}
trap "rm -rf -- \"\$N\"; exit 1" 0 1 2 3 13 15
try2() { e=$("$@" 2>&1) || { errno "$e"; rm -rf -- "$N"; say $w; }; }
if [ -d "$T" ]; then
  ${recursive ? ':' : 'say isdir'}
  t=$(cd -- "$T" && pwd -P)/ u=$(cd -- "$D" && pwd -P)/${'$'}{U##*/}/
  case $u in "$t"*) say inside ;; esac
  if [ -d "$U" ]; then try cp -RPpf -- "$T/." "$U/"
  else here "$U" && say notdir; try2 cp -RPp -- "$T/." "$N"; try2 mv -f -- "$N" "$U"; fi
else
  [ -f "$T" ] || say special
  [ -d "$U" ] && say isdir
  here "$U" && [ ! -f "$U" ] && [ ! -L "$U" ] && say special
  try2 cp -p -- "$T" "$N"
  e=$(mv -fT -- "$N" "$U" 2>&1) || try2 mv -f -- "$N" "$U"
fi
`),
  )
}

export function ownershipBody(path: Uint8Array, what: Ownership, recursive: boolean, follow: boolean): string {
  const options = `${recursive ? '-R ' : ''}${follow ? '' : '-h '}`
  return body(paths(path), 'it', follow ? '[ -e "$T" ] || { dang "$T"; say $w; }' : '', ownership(what, '$T', options))
}

/** The path becomes a symbolic link. `replace`: in the place of a file or a link, at once. */
export function symlinkBody(path: Uint8Array, target: Uint8Array, replace: boolean, token: string): string {
  const make = replace
    ? compact(String.raw`
[ -d "$T" ] && [ ! -L "$T" ] && say isdir
case $T in */*) N=${'$'}{T%/*}/.train-ts-${token} ;; *) N=.train-ts-${token} ;; esac
try ln -s -- "$U" "$N"
e=$(mv -fT -- "$N" "$T" 2>&1) || { rm -f -- "$T"; e=$(mv -f -- "$N" "$T" 2>&1) || { errno "$e"; rm -f -- "$N"; say $w; }; }
`)
    : 'here "$T" && say exists\ntry ln -s -- "$U" "$T"'
  return body(paths(path, target), 'place "$T"', make)
}

/** Creates an empty file where there is none; sets the times. `mtime`: seconds, in UTC. */
export function touchBody(path: Uint8Array, mtime: number | undefined, create: boolean): string {
  const time = mtime === undefined ? '' : `-t ${touchTime(mtime)} `
  return body(paths(path), 'place "$T"', create ? '' : 'it', `try touch ${create ? '' : '-c '}${time}-- "$T"`)
}

/** `CCYYMMDDhhmm.SS`. */
function touchTime(seconds: number): string {
  const [date = '', time = ''] = new Date(Math.floor(seconds) * 1000).toISOString().split('T')
  const [hour = '', minute = '', second = ''] = time.slice(0, 8).split(':')
  return `${date.replaceAll('-', '')}${hour}${minute}.${second}`
}

/** A new directory, or an empty file, that nobody else can look into; under this name or not at all. */
export function temporaryBody(directory: Uint8Array | undefined, name: string, kind: 'file' | 'directory'): string {
  const place = directory === undefined ? 'for x in "$TMPDIR" /tmp /var/tmp /dev/shm "$HOME"; do [ -d "$x" ] && [ -w "$x" ] && { T=$x; break; }; done\n[ "$T" ] || say denied' : ''
  const make = kind === 'directory' ? 'try mkdir -m 700 -- "$T"' : 'e=$( { umask 077; set -C; : >"$T"; } 2>&1 ) || { errno "$e"; say $w; }'
  return body(directory === undefined ? 'T=' : paths(directory), place, `T=\${T%/}/${name}`, 'place "$T"', make, 'printf "%s" "$T"')
}
