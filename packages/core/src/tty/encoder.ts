// What reads one stream of a command on the far side and prints it as frames: the same protocol in sh and in perl, which costs a fortieth.
import type { Sum } from './cksum.js'

/** Frames of one channel that may be on their way, unacknowledged. The far side keeps them, to send them again. */
export const frameWindow = 4

/**
 * Reads blocks of $d/b bytes, prints each as `o id seq base64 crc length`, keeps the last ones in `$d/o0` … for a second asking, and waits
 * for an acknowledgement (a line in the fifo `$d/ao`) when the window is full. An empty block is the end of the stream. It is a fresh `sh`:
 * one that had written to the terminal before would keep its small buffer, and tear frames.
 */
export const shellEncoder = (sum: Sum): string => 'exec 3<>$d/a$C;n=0 B=96;while :;do x=;read -r x <$d/b;[ "$x" ]&&B=$x;'
  + 'b=$(dd bs=$B count=1 2>/dev/null|base64|tr -d "\\n");t="$C $I $n $b";t="$t $(printf %s "$t"|' + sum + ')";'
  + `printf "%s\\n" "$t" >$d/$C$((n%${frameWindow}));printf "\\n%s\\n" "$t";`
  + `[ -n "$b" ]||break;n=$((n+1));[ $n -lt ${frameWindow} ]||read -r x <&3;done`

/** The table and the sum of POSIX cksum stand in the first two lines. No single quote may stand in it. */
export const perlEncoder = 'use MIME::Base64;$|=1;@t=map{my$c=$_<<24;$c=$c&0x80000000?($c<<1)^0x104c11db7:$c<<1 for 1..8;$c}0..255;'
  + 'sub s{my($c,$l)=(0,length$_[0]);$c=(($c<<8)&0xffffffff)^$t[($c>>24)^$_]for unpack("C*",$_[0]);'
  + 'while($l){$c=(($c<<8)&0xffffffff)^$t[($c>>24)^($l&255)];$l>>=8}(~$c&0xffffffff)." ".length$_[0]}'
  + '($C,$I,$d)=@ENV{"C","I","d"};open A,"+<","$d/a$C";$B=96;for($n=0;;){if(open F,"<","$d/b"){$x=<F>;$B=$x+0 if$x>0}'
  + '$b="";sysread STDIN,$b,$B;$t="$C $I $n ".encode_base64($b,"");$t.=" ".&s($t)."\\n";'
  + `open F,">","$d/$C".$n%${frameWindow};print F$t;close F;syswrite STDOUT,"\\n$t";last if$b eq"";sysread A,$x,1 if++$n>=${frameWindow}}`
