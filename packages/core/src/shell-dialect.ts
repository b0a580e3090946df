import type { ShellDialect } from './driver.js'

/**
 * Sent once, before core has to quote or probe, where the driver does not say which shell it talks to. Each shell answers in its own
 * way, and none of them fails noisily; fish alone sets FISH_VERSION.
 */
export const dialectQuestion = 'echo "$PSEdition;%OS%;$FISH_VERSION"'

/** The far shell. `bourne`: the login shell itself takes POSIX syntax; false for fish, csh and tcsh, where core goes through `exec sh`. */
export interface Shell {
  readonly dialect: ShellDialect
  readonly bourne: boolean
}

/** A pure table over the answer to {@link dialectQuestion}. Undefined: nothing known answers like that (a network device, a menu). */
export function readDialect(answer: { readonly stdout: string; readonly stderr: string; readonly exitCode: number | null }): Shell | undefined {
  const lines = `${answer.stdout}\n${answer.stderr}`.split(/\r?\n/)
  for (const line of lines) {
    if (/^"?(Core|Desktop);/.test(line)) return { dialect: 'powershell', bourne: false }
    if (line.includes(';Windows_NT;')) return { dialect: 'cmd', bourne: false }
    if (line.endsWith(';%OS%;')) return { dialect: 'posix', bourne: true }
    if (/;%OS%;\d/.test(line)) return { dialect: 'posix', bourne: false }
    if (line.includes('PSEdition: Undefined variable')) return { dialect: 'posix', bourne: false }
  }
  return undefined
}
