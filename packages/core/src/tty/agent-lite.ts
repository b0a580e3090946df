// The agent for a far side that has `sh`, `stty` and `printf`, and nothing else that the other one needs: output raw and merged, no stdin.
import { rawMode } from './marker.js'

/** Its answer when it is there; computed, so that no echo can be taken for it. */
export const liteReady = '<lite.42>'

/**
 * Order: LF, a random id, blank, the command as `\0ooo`. Output: between `<id` LF and LF `>id code` LF, exact. The terminal's mode is set again
 * after each command, which may have changed it. `susp` is off: a stray Ctrl-Z would stop the agent itself.
 */
export const liteAgent = 'exec 2>/dev/null;set -f;trap : INT QUIT;stty susp undef;echo "<lite.$((6*7))>";while IFS=" " read -r I c;do [ "$I" ]||continue;'
  + '[ "$I $c" = "Q Q Q" ]&&break;c=$(printf %b "$c.");c=${c%.};echo "<$I";stty isig;(exec sh -c "$c" </dev/null 2>&1);r=$?;'
  + `${rawMode};printf "\\n%s %s\\n" ">$I" $r;done;stty $s||stty sane;exit`
