import type { Capabilities, DeclaredCapabilities } from '@train-ts/core'

/** What a driver left out means the cautious answer. The kit's own reading of the contract, so that it can be compared with core's. */
export function completeCapabilities(declared: DeclaredCapabilities = {}): Capabilities {
  const { limits, ...rest } = declared
  return {
    shell: undefined, stderr: false, exitCode: false, stdin: 'none', streaming: false, kill: 'none', binary: false,
    privateInput: false, env: false, cwd: false, pty: false, runAs: false, concurrency: 1,
    ...rest,
    limits: { command: 8_000, stdin: declared.stdin === 'live' ? Infinity : 0, stdout: Infinity, stderr: Infinity, ...limits },
  }
}
