import { execFile } from 'node:child_process'

/** The emulator's nodes are this machine: what a test sees here, it has seen beside the transport. */
export function onThisMachine(command: string): Promise<{ exitCode: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = execFile('sh', ['-c', command], { maxBuffer: 1e8 }, (_error, stdout) => resolve({ exitCode: child.exitCode, stdout }))
  })
}
