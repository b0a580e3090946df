import type { CaseContext } from '../case.js'
import type { ProcessKind } from '../commands/commands.js'

/** Processes that run on the far side now. */
export interface Running<Value> {
  readonly ids: readonly string[]
  readonly running: Promise<Value>
}

/** Starts processes that never end, and waits until the far side itself says that all of them are there. They are ended with the case. */
export async function startProcesses<Value>(context: CaseContext, kind: ProcessKind, start: (command: string) => Promise<Value>): Promise<Running<Value>> {
  const { commands, far } = context
  const gate = await far.gate()
  const there = far.text(commands.readGate(gate))
  const running = start(commands.processes(kind, gate))
  const early = running.then(() => { throw new Error('the command ended before its processes were there') })
  early.catch(() => undefined)
  const ids = (await Promise.race([there, early])).split('\n')
  context.cleanup(() => far.run(commands.end(ids)))
  return { ids, running }
}

/** The ids of those that are still there, seen from the far side. */
export async function alive(context: CaseContext, ids: readonly string[]): Promise<readonly string[]> {
  return (await context.far.text(context.commands.alive(ids))).split('\n').filter((id) => id !== '')
}
