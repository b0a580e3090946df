import { execFile } from 'node:child_process'

/** The far side is this machine, seen by the user who logs in. */
export function runAs(user: string): (command: string) => Promise<{ exitCode: number | null; stdout: string }> {
  return (command) => new Promise((resolve) => {
    const child = execFile('su', ['-s', '/bin/sh', user, '-c', command], { maxBuffer: 1e8 }, (_error, stdout) => resolve({ exitCode: child.exitCode, stdout }))
  })
}
