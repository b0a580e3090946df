// The agent that a POSIX far side runs: it reads orders (`order.ts`) and prints frames (`frame.ts`), any byte both ways, and says again what
// the line has lost. docs/decisions has the reasons; most were found by a failure on a real line.
import type { Sum } from './cksum.js'
import { perlEncoder, shellEncoder } from './encoder.js'

/** What the agent needs besides `cksum` and `stty`; the far side names what it misses. */
const needs = ['mkfifo', 'dd', 'base64', 'tr', 'setsid', 'grep', 'cat', 'rm']

/** Starts the command in its own session: there is no /dev/tty to be read, and its group can be ended. $0 id, $1 command, $2 directory, $3 umask, $4 stdin. */
const starter = 'umask $3;echo $$>$2/p;case $4 in */i)echo $0>$2/P;;esac;exec sh -c "$1" 6>&-'

/** Signals the group $2 and whatever else bears the job's token $0, and says how many are left (zombies are gone) as `k id.count`. */
const killer = 'set -f;t=TRAIN_TTY=$0;g=$2;w(){ set +f;[ -n "$g" ]&&cat /proc/[0-9]*/stat|while IFS= read -r l;do p=${l%% *};set -- ${l##*") "};'
  + '[ "$3" = "$g" ]||continue;case $1 in [ZX]);;*)echo $p;;esac;done;'
  // busybox's grep stops at the first NUL. A thread of the kernel has no exe.
  + '{ if printf "a\\0t"|grep -qF t;then grep -lsF "$t" /proc/[0-9]*/environ;'
  + 'else for f in /proc/[0-9]*;do [ -e $f/exe ]&&case $(tr "\\0" "\\n" <$f/environ) in *"$t"*)echo $f/;;esac;done;fi; }|while IFS=/ read -r x y p z;do echo $p;done;[ -r /proc/self/stat ]||{ kill -0 -$g&&echo $g; };};'
  + '[ -n "$g" ]&&kill -$1 -$g;for p in $(w);do kill -$1 $p;done;i=$3;set -- $(w);echo "k $i.$# $i.$#"'

/** `perl`: with the encoder that is faster where there is perl, and longer to load. */
const program = (perl: boolean, sum: Sum): readonly string[] => [
  // The command's streams, how it is started, and how it ended (`x id.code`).
  'E(){ case $e in ',
  perl ? `perl)I=$I C=$1 d=$d perl -e '${perlEncoder}' <$d/$1 >&6 6>&- & ;;` : '',
  `*)I=$I C=$1 d=$d sh -c '${shellEncoder(sum)}' <$d/$1 >&6 6>&- & ;;esac; };`,
  `W(){ trap : HUP INT QUIT TERM;(TRAIN_TTY=$d.$I;export TRAIN_TTY;exec setsid sh -c '${starter}' $I "$c" $d $u $1 <$1 >$d/o 2>$d/e 6>&6);`,
  'r=$?;[ -f $d/n ]&&rm -f $d/n&&r=999;r="x $I.$r $I.$r";echo "$r">$d/x;echo "$r">&6;case $1 in */i)echo $I>$d/P;;esac;};',
  'J(){ (W $1); };',
  // Takes one command after the other. Encoders that a background child keeps alive go when the next one comes.
  'X(){ trap : HUP INT QUIT TERM;while IFS=" " read -r I s;do kill $y $z;c=$(cat $d/c);rm -f $d/o $d/e $d/ao $d/ae $d/p;',
  'mkfifo $d/o $d/e $d/ao $d/ae;E o;y=$!;E e;z=$!;case $s in n)J /dev/null;;*)J $d/i;;esac;done;kill $y $z; };',
  `K(){ p=;read -r p <$d/p;sh -c '${killer}' $d.$2 $1 "$p" $2 >&6; };`,
  // D: order l is done. T: the text has this checksum. O: the command has opened its stdin.
  'D(){ echo "a $l $l">&6; };',
  `T(){ case $(printf %s "$2"|${sum}) in "$1 "*);;*)return 1;;esac; };`,
  'O(){ until [ "$x" = "$i" ];do read -r x <&9;done;exec 7>&-; };',
  // Reads orders until Q or a hangup; a command that still runs then is ended.
  'M(){ trap : HUP INT QUIT TERM;exec 9<>$d/P;l=0 i=0 f=0 g=0 x= y=;while IFS=" " read -r q s k a b c;do case $q in ',
  '[0-9]*)T "$s" "$q $k $a $b $c"||continue;if [ $q -le $l ];then D;case $k in S)cat $d/s >&6;;esac;',
  'elif [ $q = $((l+1)) ];then l=$q;case $k in ',
  // F: more of the next order's text.
  'F)y=$y$c;;C)case $a in 0):>$d/c;;esac;printf %b "$y$c">>$d/c;y=;;',
  'R)i=$a f=0 g=0;case $b in s)rm -f $d/i;mkfifo $d/i;exec 7<>$d/i;exec 8>$d/i;;esac;echo $c>$d/b;echo "$a $b";;',
  'S)O;:>$d/s;(if printf %s "$y$c"|base64 -d >&8;then r=w;else r=n;fi;r="$r $i.$q $i.$q";echo "$r">$d/s;echo "$r">&6)& y=;;',
  'Z)O;exec 8>&-;;esac;D;fi;;',
  'A)[ "$s.$k.$i" = "$a" ]&&case $s in ',
  'o)while [ $f -le $k ];do echo 1<>$d/ao;f=$((f+1));done;;e)while [ $g -le $k ];do echo 1<>$d/ae;g=$((g+1));done;;esac;;',
  // P: what stands at these numbers of the two channels, how the command ended if it has, and the last order that was done; $b is the
  // size of blocks from now on. G: a part of a kept line. Y: a mark behind all that the command has written.
  'P)[ "$s.$k.$a.$b" = "$c" ]&&{ echo $b>$d/b; for t in o$((s%4)).$s e$((k%4)).$k;do j= n=;read -r h j n b <$d/${t%.*};[ "$j.$n" = "$i.${t#*.}" ]&&{ echo;cat $d/${t%.*}; };done;',
  'j=;read -r h j b <$d/x;case $j in $i.*)cat $d/x;;esac;echo "v $l.$a $l.$a"; }>&6;;',
  'G)[ "$s" = "$k" ]&&{ t="g $s $a $b $(dd if=$d/$s bs=1 skip=$a count=$b)";printf "\\n%s %s\\n" "$t" "$(printf %s "$t"|' + sum + ')"; }>&6;;',
  'Y)[ "$s" = "$k" ]&&{ printf %s "$s" 1<>$d/o;printf %s "$s" 1<>$d/e; }& ;;',
  'K)[ "$s.$k" = "$a" ]&&K $s $k& ;;',
  'Q)[ "$s$k" = QQ ]&&break;;esac;done;s=;read -r q s k <$d/x;case $s in $i.*);;*)K KILL $i;;esac; };',
]

/** The agent's answer when it is there; computed, so that no echo can be taken for it. */
export const pushReady = '<up.42>'

/** What it says where it cannot work, with what is missing. The loader goes on listening. */
export const pushMissing = /<no\.([a-z0-9]+)>/

/**
 * The whole program, one line of printable ASCII. `nonce` (letters and digits) makes its directory's name; `s` holds the terminal's settings
 * from the take-over. SAFETY of orders that reach a login shell instead: `order.ts`.
 */
export function pushAgent(nonce: string, perl: boolean, sum: Sum = 'cksum'): string {
  return 'exec 2>/dev/null;x=;d=;'
    + `for c in ${needs.join(' ')};do command -v $c >/dev/null||x=$c;done;`
    + `u=$(umask);umask 77;[ -n "$x" ]||for t in /tmp /dev/shm /var/tmp /run;do d=$t/.train-$$-${nonce};mkdir $d&&mkfifo $d/P&&break;d=;done;`
    + 'if [ -z "$d" ];then umask $u;echo "<no.${x:-directory}>";else trap : HUP INT QUIT TERM;set -f;e=;'
    + (perl ? 'perl -MMIME::Base64 -e 1&&e=perl;' : '')
    + program(perl, sum).join('')
    + 'echo "<up.$((6*7))>";{ { M|X 7>&- 8>&- 9>&-; } 6>&1; }|cat;rm -rf $d;stty $s||stty sane;exit;fi'
}
