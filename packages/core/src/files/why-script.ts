// Why a path cannot be reached, found out with builtins alone: message texts differ between systems, these tests do not.
import { compact } from './script.js'

/**
 * `why PATH` and `dang LINK` set `w`: missing, denied, notdir, loop or unknown. Root, ACLs and NFS make `[ -x ]` alone lie, hence
 * the `cd` too. A dangling link is followed by hand, at most 40 times as the kernel does.
 */
export const whyFunctions = compact(String.raw`
why() {
  w=missing q=$1
  while :; do
    case $q in */*) q=${'$'}{q%/*} ;; *) q=. ;; esac
    while :; do case $q in ?*/) q=${'$'}{q%/} ;; *) break ;; esac; done
    [ -n "$q" ] || q=/
    if [ -d "$q" ]; then [ -x "$q" ] && (cd -- "$q") || w=denied; return
    elif [ -e "$q" ]; then w=notdir; return
    elif [ -L "$q" ]; then dang "$q"; return
    fi
    case $q in /|.) w=unknown; return ;; esac
  done
}
dang() {
  q=$1 n=0
  while [ -L "$q" ]; do
    n=$((n+1))
    [ $n -gt 40 ] && { w=loop; return; }
    t=$(readlink -n -- "$q"; echo x) || { w=denied; return; }
    t=${'$'}{t%x}
    [ -n "$t" ] || { w=denied; return; }
    case $t in /*) q=$t ;; *) case $q in */*) q=${'$'}{q%/*}/$t ;; *) q=$t ;; esac ;; esac
  done
  [ -e "$q" ] && { w=unknown; return; }
  why "$q"
}
`)

/** `errno TEXT` sets `w` from an error message in the C locale: the same words in glibc, musl and the BSDs. Only for what no test can tell. */
export const errnoFunction = compact(String.raw`
errno() {
  case $1 in
  *[Nn]'o space left'*) w=nospace ;; *[Qq]uota*) w=quota ;; *[Rr]'ead-only'*) w=readonly ;;
  *ermission' denied'*|*'not permitted'*) w=denied ;; *'oo large'*) w=toolarge ;; *'name too long'*) w=nametoolong ;;
  *'symbolic links'*) w=loop ;; *'esource busy'*|*'ext file busy'*) w=busy ;; *'o such file'*) w=missing ;; *'ot a directory'*) w=notdir ;;
  *'ot empty'*) w=notempty ;; *'ile exists'*) w=exists ;; *'s a directory'*) w=isdir ;; *'nvalid argument'*|*'to a subdirectory'*|*'into itself'*) w=inside ;;
  *'nvalid user'*|*'nvalid group'*|*'nknown user'*|*'nknown group'*|*'no such user'*|*'no such group'*|*'ad user'*|*'ad group'*) w="nouser $1" ;;
  *) w="failed $1" ;; esac
}
`)
