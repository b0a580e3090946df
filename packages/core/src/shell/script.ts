import type { Capabilities } from '../driver.js'
import { quotePosix } from './quote-posix.js'

/** How one of core's own scripts travels. `text` is for `sh`. */
export interface ScriptPlan {
  readonly text: string
  readonly stdin: Uint8Array | undefined
}

/**
 * Reads a script line by line up to a line that is exactly the token, and runs it: what follows on stdin is the script's own. `read`
 * takes one byte at a time from a pipe, so it never eats data (`head -c` does, outside GNU). bash may have functions of these names from its
 * environment.
 */
export const boot = 'unset -f echo read [ 2>/dev/null;n=$(echo;echo x);n=${n%x};s=;while IFS= read -r l;do [ "$l" = "$1" ]&&break;s=$s$l$n;done;eval "$s"'

/** Room that core's own prefix (marker, directory, environment) may need beside a script. */
const prefixRoom = 512

/**
 * Where stdin is live a script goes there: nothing in `ps`, no limit. Beside input for the script, and where there is no live stdin, it is
 * an argument of `sh -c` while it fits the limit of a command. Undefined: it fits nowhere.
 */
export function planScript(script: string, hasInput: boolean, capabilities: Capabilities): ScriptPlan | undefined {
  if (capabilities.stdin === 'live' && !hasInput) return { text: 'exec sh -s', stdin: Buffer.from(`${script}\n`) }
  const text = `exec sh -c ${quotePosix(script)}`
  return Buffer.byteLength(text) + prefixRoom <= capabilities.limits.command ? { text, stdin: undefined } : undefined
}

/** The script ahead of its input on one stdin: for scripts that are too long, or too private, to be an argument. */
export function bootScript(script: string, token: string): { readonly text: string; readonly head: Uint8Array } {
  return { text: `exec sh -c ${quotePosix(boot)} sh ${token}`, head: Buffer.from(`${script}\n${token}\n`) }
}
