// What a job object is on Windows: every process that descends from a command, whatever it did to get away. Found by a variable that
// they inherit; where there is no /proc, the process group has to do.
import type { ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

export const jobVariable = 'TRAIN_EMULATOR_JOB'

/** Ends the process, its group and all that carry the job's name; resolves when they are gone. */
export async function endJob(child: ChildProcess, job: string): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      child.kill('SIGKILL')
    }
  }
  // One that was just being started shows up in the next round.
  for (let round = 0; round < 20; round++) {
    const members = await membersOf(job)
    if (members.length === 0) return
    for (const pid of members) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has just ended.
      }
    }
  }
}

async function membersOf(job: string): Promise<readonly number[]> {
  const entry = `${jobVariable}=${job}`
  const pids = await readdir('/proc').then((names) => names.filter((name) => /^\d+$/.test(name)), () => [])
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Empty for kernel threads and zombies, unreadable for processes of others.
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      return environment.split('\0').includes(entry) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}
