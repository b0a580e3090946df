import type { ShellDialect } from '@train-ts/core'
import type { Commands } from './commands.js'
import { posixCommands } from './posix.js'

/** The kit's commands, by shell dialect. A dialect without an entry is a skip with its reason. */
export const commandTables: { readonly [Dialect in ShellDialect]?: Commands } = {
  posix: posixCommands,
}

/** The far shell's dialect, from what it makes of {@link dialectQuestion}. */
export const dialectQuestion = 'echo "$PSEdition;%OS%"'

export function readDialect(answer: string): ShellDialect {
  if (answer.includes('Windows_NT')) return 'cmd'
  return /(Core|Desktop);/.test(answer) ? 'powershell' : 'posix'
}
