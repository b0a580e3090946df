// /etc/os-release and /etc/lsb-release: assignments as a shell would read them, without a shell. Pure.

/** Keys and values; what is no assignment is skipped. */
export function parseAssignments(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
    if (match !== null) found.set(match[1] ?? '', unquote((match[2] ?? '').trim()))
  }
  return found
}

/** `"…"` with backslashes before `" $ \ and backquote, `'…'` as it stands, or bare. */
function unquote(value: string): string {
  if (/^'[^']*'$/.test(value)) return value.slice(1, -1)
  if (/^".*"$/.test(value)) return value.slice(1, -1).replace(/\\(["$\\`])/g, '$1')
  return value.replace(/\\(.)/g, '$1')
}
