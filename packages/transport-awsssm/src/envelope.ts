// The POSIX text around a user's command on the node. Pure. `answer.ts` reads what it prints.
//
// What Run Command does to a bare command, and what the envelope does about it:
// - 137, 168, 169 and 194 mean something to the agent, which also writes into stderr: the command's code travels in the answer's first line,
//   and the step itself ends with 0 or 1.
// - Output is text, cut at 24,000 bytes by the agent and stderr at 8,000 characters by the API: clean text goes as it is, everything else as
//   base64 or compressed base64, and what is still too long stays on the node, to be fetched in pages.
// - The step lasts as long as anybody holds its stdout: the command writes into two fifos. Once it has ended, a background child has 250 ms
//   of silence, then it is left alone (its next write gets SIGPIPE, as over SSH).
// - `{{ssm:x}}` is replaced by the service: no two braces stand side by side in what is sent.

/** Sizes in bytes. Together a request stays below 48 KB, which the service takes with room to spare. */
export const budget = {
  /** Clean text for one step's stdout: the agent keeps 23,980 bytes, and the first line needs a few. */
  stdout: 23_700,
  /** The API gives 8,000 characters of stderr; the agent adds its own sentence. */
  stderr: 7_900,
  /** Worst case for both together: (command + stdin) × 4/3 + the envelope. */
  command: 12_288,
  stdin: 21_000,
  /** What one step's stdout can always carry, whatever the bytes are. */
  page: 17_700,
} as const

export interface Envelope {
  /** Names the directory on the node: random, letters and digits. */
  readonly id: string
  readonly command: string
  readonly stdin: Uint8Array | undefined
  /** Directories of stopped commands, to be removed on the way. */
  readonly leftovers: readonly string[]
}

/** Every variable has a prefix of its own, so that none which the agent exports is changed for the command. */
export function envelope({ id, command, stdin, leftovers }: Envelope): string {
  return lines([
    '#!/bin/sh',
    quiet,
    tools,
    cleanUp(leftovers),
    'tr_u=$(umask) tr_d=; umask 077',
    `for tr_t in ${directories}; do`,
    `  mkdir "$tr_t/.train-ts-${id}" 2>/dev/null || continue`,
    `  tr_d=$tr_t/.train-ts-${id}; mkfifo "$tr_d/1" "$tr_d/2" 2>/dev/null && break; rm -rf "$tr_d"; tr_d=`,
    'done',
    `[ "$tr_d" ] || { echo '${mark} no-directory'; exit 1; }`,
    'tr_i=/dev/null',
    stdin === undefined ? undefined : lines(['tr_i=$tr_d/0', decode('tr_i', stdin)]),
    commandText(command),
    // Before the command: a reader makes its file only once the fifo has a writer.
    ': >"$tr_d/o"; : >"$tr_d/e"',
    'cat <"$tr_d/1" >"$tr_d/o" 3>&- & tr_1=$!',
    'cat <"$tr_d/2" >"$tr_d/e" 3>&- & tr_2=$!',
    'umask "$tr_u"',
    // In a subshell of its own: dash tells of a killed command on the stderr that it has itself.
    '(exec sh -c "$tr_c" <"$tr_i" >"$tr_d/1" 2>"$tr_d/2" 3>&-)',
    'tr_r=$? tr_l= tr_s= tr_n=0 tr_p=0.01 tr_k=',
    // ksh93 says 256 + n of a killed command, yash 384 + n.
    '[ $tr_r -le 384 ] || tr_r=$((tr_r-256)); [ $tr_r -le 256 ] || tr_r=$((tr_r-128))',
    'while kill -0 $tr_1 2>/dev/null || kill -0 $tr_2 2>/dev/null; do',
    '  sleep $tr_p 2>/dev/null || sleep 1; tr_p=0.05',
    '  tr_q=$(size "$tr_d/o")+$(size "$tr_d/e"); if [ "$tr_q" = "$tr_s" ]; then tr_n=$((tr_n+1)); else tr_n=0 tr_s=$tr_q; fi',
    '  [ $tr_n -lt 5 ] || { tr_k=1; kill $tr_1 $tr_2 2>/dev/null; break; }',
    'done',
    'wait $tr_1 || [ "$tr_k" ] || tr_l=o; wait $tr_2 || [ "$tr_k" ] || tr_l=${tr_l}e',
    answer,
  ])
}

/** What a command that the far side has ended (its time was up) had written until then. The same answer, with `-` for the code. */
export function collect(id: string): string {
  return lines([
    '#!/bin/sh',
    quiet,
    tools,
    find(id),
    `[ "$tr_d" ] || { echo '${mark} no-directory'; exit 1; }`,
    'tr_r=- tr_l=',
    answer,
  ])
}

/**
 * The next part of a stream that was too long, as much as fits: whole blocks compress well, and the smallest always fits. `removeAt`: when this
 * many bytes have been fetched nothing is left to do, and the directory goes.
 */
export function page(id: string, stream: 'stdout' | 'stderr', offset: number, removeAt: number | undefined): string {
  const file = stream === 'stdout' ? 'o' : 'e'
  return lines([
    '#!/bin/sh',
    quiet,
    tools,
    find(id),
    `[ "$tr_d" ] || { echo '${mark} no-directory'; exit 1; }`,
    'umask 077',
    `for tr_b in 4194304 1048576 262144 131072 65536 49152 32768 24576 ${String(budget.page)}; do`,
    `  tail -c +${String(offset + 1)} "$tr_d/${file}" | head -c $tr_b >"$tr_d/b"; tr_n=$(size "$tr_d/b"); pack "$tr_d/b" ${String(budget.stdout)}`,
    '  [ $tr_m = s ] || break',
    'done',
    `printf '%s\\n' "${mark} page $tr_m:$tr_n:$tr_k"`,
    'cat "$tr_d/b.p"',
    removeAt === undefined ? undefined : `[ $((${String(offset)}+tr_n)) -lt ${String(removeAt)} ] || rm -rf "$tr_d"`,
  ])
}

/** Removes what an earlier command left on the node. */
export function remove(ids: readonly string[]): string {
  return lines(['#!/bin/sh', cleanUp(ids)])
}

export const mark = '%train-ts 1'

/** Nothing that this shell or its tools complain about gets between the command's own lines. */
const quiet = 'exec 3>&2 2>/dev/null'

/** The first that can be written to. A command's own TMPDIR has no say: it is not set here yet. */
const directories = '"${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm'

/**
 * `size FILE` prints bytes. `pack FILE LIMIT` leaves FILE's content, as text of at most LIMIT bytes, in FILE.p, and sets tr_m: t as it is,
 * b base64, z gzip in base64, s too long: the first part in base64; tr_n the bytes of FILE, tr_k those of FILE.p.
 * Clean text has no control characters but tab, newline and return, and is ASCII or, where iconv is there to say so, UTF-8.
 */
const tools = String.raw`b64() { if command -v base64 >/dev/null 2>&1; then base64 "$@"; else openssl base64 "$@"; fi; }
size() { tr_z=$(wc -c <"$1"); echo $tr_z; }
count() { tr_z=$(LC_ALL=C tr -cd "$2" <"$1" | wc -c); echo $tr_z; }
clean() {
  [ "$(count "$1" '\000-\010\013\014\016-\037\177')" = 0 ] || return 1
  [ "$(count "$1" '\200-\377')" = 0 ] || iconv -f UTF-8 -t UTF-8 <"$1" >/dev/null 2>&1
}
pack() {
  tr_n=$(size "$1") tr_m=t
  if [ $tr_n -le $2 ] && clean "$1"; then cat "$1" >"$1.p"
  elif [ $((tr_n/3*4+4)) -le $2 ]; then tr_m=b; b64 <"$1" | tr -d '\n' >"$1.p"
  else
    tr_m=s
    [ $tr_n -gt 4194304 ] || { gzip -c <"$1" 2>/dev/null | b64 | tr -d '\n' >"$1.p"; tr_k=$(size "$1.p"); [ $tr_k -le 20 ] || [ $tr_k -gt $2 ] || tr_m=z; }
    [ $tr_m = z ] || head -c $(($2/4*3)) <"$1" | b64 | tr -d '\n' >"$1.p"
  fi
  tr_k=$(size "$1.p")
}`

/** The first line, then both streams; the directory stays only where something is left to be fetched. */
const answer = lines([
  'umask 077',
  `pack "$tr_d/o" ${String(budget.stdout)}; tr_o=$tr_m:$tr_n:$tr_k tr_a=$tr_m`,
  `pack "$tr_d/e" ${String(budget.stderr)}; tr_a=$tr_a$tr_m`,
  `printf '%s\\n' "${mark} $tr_r $tr_o $tr_m:$tr_n:$tr_k lost=$tr_l"`,
  'cat "$tr_d/o.p"; cat "$tr_d/e.p" >&3',
  'case $tr_a in *s*) ;; *) rm -rf "$tr_d" ;; esac',
  '[ "$tr_r" = 0 ] || exit 1',
])

function find(id: string): string {
  return `tr_d=; for tr_t in ${directories}; do [ ! -d "$tr_t/.train-ts-${id}" ] || { tr_d=$tr_t/.train-ts-${id}; break; }; done`
}

function cleanUp(ids: readonly string[]): string | undefined {
  if (ids.length === 0) return undefined
  return `for tr_t in ${directories}; do for tr_d in ${ids.join(' ')}; do rm -rf "$tr_t/.train-ts-$tr_d"; done; done`
}

/** Bytes into the file that the variable names, by way of a here-document in lines that every decoder takes. */
function decode(variable: string, bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64').replace(/.{76}(?=.)/g, '$&\n')
  return `b64 -d >"$${variable}" <<'E' || { echo '${mark} no-base64'; rm -rf "$tr_d"; exit 1; }\n${text}\nE`
}

/** As it stands, so that people can read it in the console; in base64 where that could change it, or would make it much longer. */
function commandText(command: string): string {
  const plain = `tr_c=${quote(command)}`
  const grown = Buffer.byteLength(JSON.stringify(plain)) > Math.max(2_048, (Buffer.byteLength(command) / 3) * 4)
  return grown || hasControls(command) ? lines(['tr_c=$tr_d/c', decode('tr_c', Buffer.from(command)), 'tr_c=$(cat "$tr_d/c")']) : plain
}

/** For sh alone. Two braces never meet, so that neither service nor agent sees a parameter to be replaced. */
function quote(text: string): string {
  return `'${text.replace(/'/g, String.raw`'\''`).replace(/\{(?=\{)/g, "{''")}'`
}

/** Characters that a store of text between here and the node might change. */
function hasControls(text: string): boolean {
  return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/.test(text)
}

function lines(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n')
}
