import type { DeclaredCapabilities } from '@train-ts/core'
import { budget } from './envelope.js'
import { workers } from './exec.js'

/** What Run Command can do, by way of the envelope. */
export function capabilities(outputLimit: number): DeclaredCapabilities {
  return {
    shell: 'posix',
    stderr: true,
    exitCode: true,
    stdin: 'whole',
    streaming: false,
    kill: 'none',
    binary: true,
    privateInput: false,
    concurrency: workers,
    limits: { command: budget.command, stdin: budget.stdin, stdout: outputLimit, stderr: outputLimit },
  }
}
