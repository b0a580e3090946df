// The script that answers everything about many paths in one exec. Pure.
import { compact } from './script.js'
import { whyFunctions } from './why-script.js'

export interface StatAsk {
  /** Ask for the content's hash, where it is a regular file that may be read. */
  readonly hash: 'sha256' | 'md5' | undefined
  /** Ask also for the resolved path, the SELinux label, and whether it is a mount point: one more process for each path. */
  readonly full: boolean
}

/** Paths for one call of `m`: a chunk of a thousand is quadratic in dash. */
export const chunkSize = 100

/**
 * `m PATH…` prints fields that end with NUL: META1, the flavour of the records, a letter for each path, the records of the paths
 * themselves, the records behind symbolic links, then for each path what its letter calls for. No name is printed: records
 * align by order. `test` is builtin and forks nothing, so only what exists is given to the one `stat`, and no error can come between.
 */
const functions = compact(String.raw`
F="%f %s %u %g %h %i %d %t %T
%x
%y
%z
%U
%G"
B="%Xp %z %u %g %l %i %d %Hr %Lr
%Fa
%Fm
%Fc
%Su
%Sg"
P="use Time::HiRes qw(stat lstat);for(@ARGV){my@s=\$L?stat:lstat;next unless@s;printf qq(%x %s %d %d %d %s %s %x %x\n%.9f\n%.9f\n%.9f\n%s\n%s\n),\$s[2],\$s[7],\$s[4],\$s[5],\$s[3],\$s[1],\$s[0],int(\$s[6]/256)&4095,\$s[6]%256,\$s[8],\$s[9],\$s[10],getpwuid(\$s[4])||q(UNKNOWN),getgrgid(\$s[5])||q(UNKNOWN)}"
if stat -c %f / >/dev/null; then k=c
elif stat -f %p / >/dev/null; then k=f
elif perl -MTime::HiRes -e 1; then k=p
else k=l; fi
sl() { ls -dn$1 -- "$2"|sed "s/ -> .*//;q"; date -r "$2" +%s || echo -; }
st() {
  [ $# -gt 0 ] || return 0
  case $k in c) stat -c "$F" -- "$@" ;; f) stat -f "$B" -- "$@" ;; p) perl -e "\$L=0;$P" -- "$@" ;; l) for x do sl "" "$x"; done ;; esac
}
tL() {
  [ $# -gt 0 ] || return 0
  case $k in c) stat -L -c "$F" -- "$@" ;; f) stat -L -f "$B" -- "$@" ;; p) perl -e "\$L=1;$P" -- "$@" ;; l) for x do sl L "$x"; done ;; esac
}
z() { printf "\000"; }
m() {
  s= a= k2= i=0
  for p do
    i=$((i+1))
    if [ -L "$p" ]; then
      a="$a \"\${$i}\""
      if [ -e "$p" ]; then s=${'$'}{s}l k2="$k2 \"\${$i}\""
      else dang "$p"; case $w in missing) s=${'$'}{s}m ;; denied) s=${'$'}{s}d ;; notdir) s=${'$'}{s}n ;; loop) s=${'$'}{s}o ;; *) s=${'$'}{s}u ;; esac
      fi
    elif [ -e "$p" ]; then s=$s+ a="$a \"\${$i}\""
    else why "$p"; case $w in missing) s=${'$'}{s}0 ;; denied) s=${'$'}{s}D ;; notdir) s=${'$'}{s}N ;; loop) s=${'$'}{s}L ;; *) s=$s? ;; esac
    fi
  done
  printf "META1\000$k\000%s\000" "$s"
  eval "st $a"; z
  eval "tL $k2"; z
  for p do
    t=${'$'}{s%"${'$'}{s#?}"} s=${'$'}{s#?}
    case $t in [a-z]) readlink -n -- "$p"; z ;; esac
    [ -z "$R" ] || case $t in l|+) full "$p" ;; esac
    [ -z "$H" ] || case $t in l|+) [ -f "$p" ] && [ -r "$p" ] && h <"$p"; z ;; esac
  done
}
`)

/** `h` hashes its stdin and prints the hash in hexadecimal first, by whichever program there is; nothing where there is none. */
export function hashFunction(hash: 'sha256' | 'md5'): string {
  const programs = { sha256: 'sha256sum "openssl dgst -sha256 -r" "shasum -a 256" "sha256 -q"', md5: 'md5sum "openssl dgst -md5 -r" "md5 -q"' }
  const perl = { sha256: 'SHA -e "print Digest::SHA->new(256)', md5: 'MD5 -e "print Digest::MD5->new' }
  return `h() { for x in ${programs[hash]}; do command -v \${x%% *} >/dev/null && { $x; return; }; done; perl -MDigest::${perl[hash]}->addfile(*STDIN)->hexdigest"; }`
}

/**
 * `full PATH` prints the resolved path, the label, and `y` for a mount point (`-` where that cannot be known). st_dev misses bind mounts; the
 * kernel's own table does not. Without one: df, from the BSDs' documentation.
 */
const fullFunction = compact(String.raw`
nl='
'
ml=$nl
if [ -r /proc/self/mountinfo ]; then
  while read -r x x x x e x; do
    case $e in *%*) ;; *\\*) e=$(printf "$e."); e=${'$'}{e%.} ;; esac
    ml=$ml$e$nl
  done </proc/self/mountinfo
fi
full() {
  r=$(readlink -n -f -- "$1"; echo x)
  r=${'$'}{r%x}
  printf "%s\000" "$r"
  [ ! -e /sys/fs/selinux/enforce ] || stat -L -c %C -- "$1"
  z
  if [ -z "$r" ]; then echo -
  elif [ "$ml" != "$nl" ]; then case $ml in *"$nl$r$nl"*) echo y ;; *) echo n ;; esac
  else
    x=$(df -P -- "$r"|tail -n 1)
    case $x in *" $r") echo y ;; *%*) echo n ;; *) echo - ;; esac
  fi
  z
}
`)

/** The same for every question: told once to a shell that stays. What depends on the question is defined for each, see statHead. */
export const statLibrary = `${whyFunctions}\n${functions}`

/** What does not depend on the paths. */
export function statHead({ hash, full }: StatAsk): string {
  return [full ? `R=1\n${fullFunction}` : 'R=', hash === undefined ? 'H=' : `H=1\n${hashFunction(hash)}`].join('\n')
}

/** The calls for some paths. */
export function statCalls(words: readonly string[]): string {
  const lines: string[] = []
  for (let index = 0; index < words.length; index += chunkSize) lines.push(`m ${words.slice(index, index + chunkSize).join(' ')}`)
  return lines.join('\n')
}
