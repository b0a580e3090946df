import type { Commands, ProcessKind } from './commands.js'

/** Every POSIX login shell, tcsh and fish included: each command is one line for `sh`, its values are arguments. */
export const posixCommands: Commands = {
  exit: (code) => sh(`exit ${String(code)}`),
  stdout: (text) => sh('printf %s "$1"', text),
  both: (out, err, code = 0) => sh('printf %s "$1"; printf %s "$2" >&2; exit "$3"', out, err, String(code)),
  killItself: sh('kill -KILL $$'),
  everyByte: sh(`printf "${octal(0)}${octal(255)}"`),
  fill: (bytes, stream) => sh(`yes 0123456789abcde 2>/dev/null | head -c ${String(bytes)}${stream === 'stderr' ? ' >&2' : ''}`),
  endless: sh('exec yes 0123456789abcde'),
  fillNoting: (progress, blocks) => sh('i=0; while [ $i -lt $2 ]; do dd if=/dev/zero bs=1048576 count=1 2>/dev/null || exit 1; printf . >>"$1"; i=$((i+1)); done', progress, String(blocks)),
  echo: sh('exec cat'),
  echoLines: sh('while IFS= read -r line; do printf "got:%s\\n" "$line"; done; printf end'),
  countInput: sh('wc -c | tr -dc 0-9'),
  countArgument: (text) => sh('printf %s "${#1}"', text),
  environment: (name) => sh(`printf %s "$${name}"`),
  commandLines: sh('if [ -r /proc/self/cmdline ]; then cat /proc/$$/cmdline /proc/$PPID/cmdline; else ps -o args= -p $$ -p $PPID; fi | tr "\\000" " "'),
  workingDirectory: sh('pwd -P'),
  terminal: sh('if [ -t 1 ]; then set -- $(stty size </dev/tty); echo "yes $1 $2"; else echo no; fi'),
  append: (path, line) => sh('echo "$2" >>"$1"', path, line),
  read: (path) => sh('exec cat -- "$1"', path),
  exists: (path) => sh('if [ -e "$1" ]; then echo yes; else echo no; fi', path),
  write: (path, text, mode) => sh('printf %s "$2" >"$1" && chmod "$3" "$1"', path, text, mode),
  makeDirectory: (path) => sh('mkdir -m 777 "$1"', path),
  list: (path) => sh('cd "$1" && for f in * .*; do case $f in .|..) continue;; esac; [ -e "$f" ] && printf "%s" "$f" | od -An -v -to1 | tr -d " \\n" && echo; done; :', path),
  temporaryDirectory: sh('d=$(mktemp -d) && chmod 777 "$d" && cd "$d" && pwd -P'),
  removeTree: (path) => sh('rm -rf -- "$1"', path),

  makeGate: (path) => sh('mkfifo -m 666 "$1"', path),
  printAndWait: (text, gate) => sh('printf %s "$1"; cat "$2" >/dev/null; printf done', text, gate),
  openGate: (gate) => sh(': >"$1"', gate),
  readGate: (gate) => sh('exec cat "$1"', gate),
  // Opened for both directions: neither side waits for the other to open it, and what was said is kept as long as anybody holds it.
  meet: (arrivals, departure) => sh('exec 3<>"$1" 4<>"$2"; echo here >&3; read -r go <&4; echo gone >&3', arrivals, departure),
  gather: (arrivals, count) => sh(`exec 3<>"$1"; ${each('read -r here <&3')}`, arrivals, String(count)),
  release: (arrivals, departure, count) => sh(`exec 3<>"$1" 4<>"$3"; ${each('echo go >&4')}; ${each('read -r gone <&3')}`, arrivals, String(count), departure),

  processes: (kind, gate) => sh(`exec 3>"$1"; ${spawn[kind]}`, gate),
  background: (gate, bytes) => sh('sh -c \'exec 3>"$1"; echo $$ >&3; exec sleep 100000 3>&-\' sh "$1" & printf started; yes 0123456789abcde 2>/dev/null | head -c "$2"', gate, String(bytes)),
  alive: (ids) => sh(
    'for p; do if [ -r /proc/self/stat ]; then s=; read -r s 2>/dev/null <"/proc/$p/stat"; s=${s##*) }; else s=$(ps -o stat= -p "$p"); fi; case $s in ""|Z*|X*) ;; *) echo "$p";; esac; done; :',
    ...ids,
  ),
  typed: { line: 'echo answer=$((6*7))', answer: 'answer=42', leave: 'exit' },
  end: (ids) => sh('for p; do kill -KILL "$p" 2>/dev/null; done; :', ...ids),
}

const forever = 'exec sleep 100000 3>&-'
const child = `sh -c "echo \\$\\$ >&3; ${forever}" &`
const spawn: Readonly<Record<ProcessKind, string>> = {
  leader: `echo $$ >&3; ${forever}`,
  tree: `sh -c 'sh -c "echo \\$\\$ >&3; ${forever}" & echo $$ >&3; exec 3>&-; wait' & echo $$ >&3; exec 3>&-; wait`,
  session: `setsid ${child} echo $$ >&3; exec 3>&-; wait`,
  talkative: `echo $$ >&3; echo talking; ${forever}`,
  stubborn: `trap "" TERM HUP INT; ${child} echo $$ >&3; exec 3>&-; while :; do sleep 100000; done`,
}

/** Does `action` $2 times. */
function each(action: string): string {
  return `i=0; while [ $i -lt "$2" ]; do ${action}; i=$((i+1)); done`
}

/** `script` for sh with its arguments, quoted as tcsh and fish need it too. */
function sh(script: string, ...values: readonly string[]): string {
  return ['exec sh -c', quote(script), 'sh', ...values.map(quote)].join(' ')
}

function quote(value: string): string {
  return `'${value.replace(/['!\\]/g, (character) => `'\\${character}'`)}'`
}

/** Escapes for printf: all bytes from `first` to the other end. */
function octal(first: 0 | 255): string {
  return Array.from({ length: 256 }, (_, index) => `\\${Math.abs(first - index).toString(8).padStart(3, '0')}`).join('')
}
