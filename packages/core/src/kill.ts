import { tokenVariable } from './shell/wrap.js'

/** How long a process has between TERM and KILL. Hundredths of a second. */
const grace = 80

/** When the script gives up: under the five seconds that core waits. Hundredths of a second. */
const end = 420

/**
 * Ends the process group `group` and every process that has the token in its environment (those that left the group), first with TERM, then
 * with KILL, and answers `gone` or `left`. POSIX sh. Zombies do not count: their parent may be slow to ask for them. Where there is no /proc,
 * ps is asked for the group. `kill -SIGNAL -GROUP` by the shell's own builtin is the one spelling that is right in dash, bash, busybox, mksh,
 * ksh93, zsh and yash.
 */
export function killScript(group: number | undefined, token: string): string {
  return `set +eu; LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin; g=${group === undefined ? '' : String(group)} t=${tokenVariable}=${token}
members() {
  [ "$g" ] || return 0
  if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat 2>/dev/null
  else ps -A -o pid= -o stat= -o ppid= -o pgid= | while read -r p s q r; do echo "$p () $s $q $r"; done; fi | while IFS= read -r l; do
    r=\${l##*") "}; set -- $r
    [ "$3" = "$g" ] || continue
    case $1 in Z*|X*) ;; *) echo "\${l%% *}" ;; esac
  done
}
strays() { grep -lszF "$t" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r a b p c; do echo "$p"; done; }
i=0 z=
while :; do
  if read -r u r 2>/dev/null </proc/uptime; then u=\${u%.*}\${u#*.}; else u=$((i*12)); fi
  [ "$z" ] || z=$u
  u=$((u-z))
  m=$(members) s=$(strays)
  [ "$m$s" ] || { echo gone; exit 0; }
  n=
  [ $i = 0 ] && n=TERM
  [ $u -ge ${String(grace)} ] && n=KILL
  [ $u -ge ${String(end)} ] && { echo left; exit 1; }
  if [ "$n" ]; then
    [ "$m" ] && kill -$n -$g 2>/dev/null
    for p in $s; do kill -$n $p 2>/dev/null; [ $n = KILL ] || kill -CONT $p 2>/dev/null; done
  fi
  i=$((i+1))
  sleep 0.1 2>/dev/null || { sleep 1; i=$((i+9)); }
done`
}
