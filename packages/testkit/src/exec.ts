// A driver's own exec, called as core calls it.
import assert from 'node:assert/strict'
import type { ExecEvent, ExecRequest, Session } from '@train-ts/core'

export type ExitEvent = Extract<ExecEvent, { readonly type: 'exit' }>

/** A complete request: what a case leaves out is what core leaves out. */
export function execRequest(command: string, rest: Partial<ExecRequest> = {}): ExecRequest {
  return {
    command, stdin: undefined, env: undefined, cwd: undefined, pty: undefined, runAs: undefined, timeout: undefined,
    signal: new AbortController().signal,
    ...rest,
  }
}

/** All that an exec gave, read to its very end. */
export interface Collected {
  readonly events: readonly ExecEvent[]
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly exits: readonly ExitEvent[]
  /** What it threw. */
  readonly error: unknown
}

export async function collect(events: AsyncIterable<ExecEvent>): Promise<Collected> {
  const all: ExecEvent[] = []
  let error: unknown
  try {
    for await (const event of events) all.push(event)
  } catch (thrown) {
    error = thrown
  }
  return {
    events: all,
    stdout: bytesOf(all, 'stdout'),
    stderr: bytesOf(all, 'stderr'),
    exits: all.filter((event) => event.type === 'exit'),
    error,
  }
}

/** Runs a command through the session itself, and expects an outcome. */
export async function execute(session: Session, command: string, rest: Partial<ExecRequest> = {}): Promise<Collected & { readonly exit: ExitEvent }> {
  const collected = await collect(session.exec(execRequest(command, rest)))
  if (collected.error !== undefined) throw collected.error as Error // a driver throws Errors; anything else is shown as it is
  const exit = collected.exits[0]
  assert.ok(exit !== undefined, 'the generator ended without an exit event')
  return { ...collected, exit }
}

/** Reads on until `text` has come on stdout. Throws where the output ends first. */
export async function readUntil(iterator: AsyncIterator<ExecEvent>, text: string): Promise<string> {
  let seen = ''
  while (!seen.includes(text)) {
    const step = await iterator.next()
    assert.ok(step.done !== true && step.value.type !== 'exit', `the command ended before it said ${JSON.stringify(text)}; it said ${JSON.stringify(seen)}`)
    if (step.value.type === 'stdout') seen += Buffer.from(step.value.data).toString('latin1')
  }
  return seen
}

function bytesOf(events: readonly ExecEvent[], type: 'stdout' | 'stderr'): Buffer {
  return Buffer.concat(events.flatMap((event) => (event.type === type ? [event.data] : [])))
}
