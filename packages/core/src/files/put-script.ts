// The scripts that write a file: into a temporary name beside it, checked, and then renamed over it. Pure.
import { compact, octal, scriptWord } from './script.js'
import { hashFunction } from './stat-script.js'
import { errnoFunction, whyFunctions } from './why-script.js'

export interface PutPlan {
  /** What the user named; symbolic links are followed to what they lead to. */
  readonly path: Uint8Array
  /** Part of the temporary name `.train-ts-TOKEN`, in the directory of the target. */
  readonly token: string
  readonly mode: number | undefined
  /** `owner`, `owner:group` or `:group`. */
  readonly owner: string | undefined
  /** Keep mode and owner of the file that is there. */
  readonly keep: boolean
  /** Refuse where something is there. */
  readonly exclusive: boolean
  readonly append: boolean
  /** To the disk before it is renamed. */
  readonly sync: boolean
}

/** One step. Several of them may be one exec: a small file is begin and commit at once. */
export interface PutStep {
  /** Find the target, create the temporary file. Answers the target's path. */
  readonly begin: boolean
  /** Continue the temporary file, which must have this many bytes. */
  readonly offset: number | undefined
  readonly data: PutData | undefined
  /** Bytes that the temporary file must have after this step; undefined: answer them. */
  readonly size: number | undefined
  /** Check the hash, set owner and mode, rename. */
  readonly commit: boolean
  /** Where commit shall compare; it answers the far side's hash in any case. */
  readonly sha256: string | undefined
  /** The target that begin answered. */
  readonly target: Uint8Array | undefined
}

/** How bytes come to the script. */
export type PutData = { readonly way: 'stdin' } | { readonly way: 'base64' | 'octal'; readonly bytes: Uint8Array }

const findTarget = compact(String.raw`
n=0
while [ -L "$T" ]; do
  n=$((n+1))
  [ $n -le 40 ] || say loop
  l=$(readlink -n -- "$T"; echo x)
  l=${'$'}{l%x}
  [ "$l" ] || say denied
  case $l in /*) T=$l ;; *) case $T in */*) T=${'$'}{T%/*}/$l ;; *) T=$l ;; esac ;; esac
done
case $T in */) say isdir ;; esac
[ -d "$T" ] && say isdir
[ -f "$T" ] || { [ -e "$T" ] && say special; }
`)

const temporaryName = 'case $T in */*) D=${T%/*}; [ "$D" ] || D=/ ;; *) D=. ;; esac'

const failing = compact(String.raw`
no() {
  [ -e "$W" ] && { errno "$1"; say $w; }
  W=
  why "$T"
  [ $w = missing ] && [ -d "$D" ] && errno "$1"
  say $w
}
`)

const create = compact(String.raw`
[ -e "$W" ] && { W=; say exists; }
e=$( { [ -z "$K" ] || umask 077; set -C; data >"$W"; } 2>&1 ) || no "$e"
`)

const keepStat = compact(String.raw`
[ ! -f "$T" ] || {
  o=$(stat -c "%a %u:%g" -- "$T" || stat -f "%Lp %u:%g" -- "$T" || perl -e "@s=stat shift;printf qq(%o %s:%s),\$s[2]&4095,\$s[4],\$s[5]" -- "$T")
  [ "$M" ] || M=${'$'}{o%% *}
  [ "$O" ] || chown "${'$'}{o##* }" "$W"
  [ ! -e /sys/fs/selinux/enforce ] || chcon --reference="$T" "$W"
}
`)

const finish = compact(String.raw`
[ -z "$O" ] || e=$(chown -- "$O" "$W" 2>&1) || { errno "$e"; say $w; }
[ -z "$M" ] || e=$(chmod -- "$M" "$W" 2>&1) || { errno "$e"; say $w; }
`)

const rename = 'e=$(mv -fT -- "$W" "$T" 2>&1) || { [ -d "$T" ] && say isdir; e=$(mv -f -- "$W" "$T" 2>&1) || { errno "$e"; say $w; }; }'
const renameExclusive = compact(String.raw`
if ln -- "$W" "$T"; then rm -f -- "$W"
elif [ -e "$T" ] || [ -L "$T" ]; then say exists
elif (set -C; : >"$T"); then mv -f -- "$W" "$T" || { errno "$e"; say $w; }
else say exists; fi
`)

/** The body for one step. The last words are `ok SIZE HASH`, with a dash for what is not known. */
export function putBody(plan: PutPlan, step: PutStep): string {
  const { path, token, keep, exclusive } = plan
  const size = (file: string): string => `s=$(wc -c <"${file}"); s=\${s##* }`
  const parts = [
    `trap "rm -f -- \\"\\$W\\"; exit 1" 0 1 2 3 13 15`,
    errnoFunction,
    step.begin ? whyFunctions : '',
    `T=${scriptWord(step.target ?? path)} K=${plan.mode === undefined ? '' : '1'}`,
    dataFunction(step.data),
    step.begin ? findTarget : '',
    step.begin && exclusive ? '{ [ -e "$T" ] || [ -L "$T" ]; } && say exists' : '',
    step.begin && keep ? '[ ! -f "$T" ] || K=1' : '',
    temporaryName,
    `W=$D/.train-ts-${token}`,
    step.begin ? `${failing}\n${create}` : '[ -f "$W" ] || { W=; say changed; }',
    step.offset === undefined ? '' : `${size('$W')}; [ "$s" = ${String(step.offset)} ] || say offset\ne=$( { data >>"$W"; } 2>&1 ) || { errno "$e"; say $w; }`,
    size('$W'),
    step.size === undefined ? '' : `[ "$s" = ${String(step.size)} ] || say short`,
    ...(step.commit ? commitParts(plan, step) : ['r=-']),
    'printf "%s" "$T"',
    'W=',
    'say ok $s $r',
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function commitParts(plan: PutPlan, step: PutStep): readonly string[] {
  return [
    hashFunction('sha256'),
    'r=$(h <"$W"); r=${r%% *}; r=${r:--}',
    step.sha256 === undefined ? '' : `[ "$r" = - ] || [ "$r" = ${step.sha256} ] || say corrupt`,
    `M=${plan.mode?.toString(8) ?? ''} O=${plan.owner === undefined ? '' : scriptWord(Buffer.from(plan.owner))}`,
    plan.keep ? keepStat : '',
    finish,
    plan.sync ? 'sync "$W"' : '',
    plan.exclusive ? renameExclusive : rename,
  ]
}

/** Appends in place: there is no temporary file, so a failure in the middle leaves a part, and says so. */
export function appendBody(plan: PutPlan, data: PutData, offset: number | undefined, target: Uint8Array | undefined): string {
  return [
    errnoFunction,
    whyFunctions,
    `T=${scriptWord(target ?? plan.path)} W= D=`,
    dataFunction(data),
    findTarget,
    temporaryName,
    failing,
    offset === undefined ? '' : `s=$(wc -c <"$T"); [ "\${s##* }" = ${String(offset)} ] || say offset`,
    'b=$(wc -c <"$T") || b=0; b=${b##* }',
    `e=$( { data >>"$T"; } 2>&1 ) || no "$e"`,
    's=$(wc -c <"$T"); s=${s##* }',
    `M=${plan.mode?.toString(8) ?? ''} O=${plan.owner === undefined ? '' : scriptWord(Buffer.from(plan.owner))}`,
    finish.replaceAll('"$W"', '"$T"'),
    'printf "%s" "$T"',
    'say ok $s $b',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** Removes the temporary file of a plan whose outcome is unknown. */
export function cleanBody(plan: PutPlan, target: Uint8Array | undefined): string {
  return [`T=${scriptWord(target ?? plan.path)}`, target === undefined ? findTarget : '', temporaryName, `rm -f -- "$D/.train-ts-${plan.token}"`, 'say ok'].filter((part) => part !== '').join('\n')
}

function dataFunction(data: PutData | undefined): string {
  if (data === undefined) return 'data() { :; }'
  if (data.way === 'stdin') return 'data() { cat; }'
  if (data.way === 'octal') return `data() {\n${slices(data.bytes, 4_000).map((part) => `printf "${octal(part)}"`).join('\n') || ':'}\n}`
  const text = Buffer.from(data.bytes).toString('base64').replace(/.{76}(?=.)/g, '$&\n')
  return compact(String.raw`
if [ "$(echo eA==|base64 -d)" = x ]; then b() { base64 -d; }
elif [ "$(echo eA==|openssl base64 -d)" = x ]; then b() { openssl base64 -d; }
else say nodecoder; fi
data() { echo "${text}"|b; }
`)
}

function slices(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let start = 0; start < bytes.length; start += size) parts.push(bytes.subarray(start, start + size))
  return parts
}
