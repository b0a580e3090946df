// What core itself asks of the far side through a driver's exec: which shell it is, and to end what was stopped.
import { CallScope } from './call-scope.js'
import type { ExecEvent } from './driver.js'
import { TransportError } from './errors.js'
import { planExec } from './exec-plan.js'
import { execute } from './executor.js'
import type { LiveSession } from './session-source.js'
import { ByteCollector } from './output.js'
import type { Dialogue } from './privileges/dialogue.js'
import type { Elevation } from './privileges/elevation.js'
import { dialectQuestion, readDialect } from './shell-dialect.js'
import type { Shell } from './shell-dialect.js'
import { planScript } from './shell/script.js'

/** Milliseconds for the answer to a question. */
const questionTimeout = 30_000

/** A far side that floods the answer to a question is not one that can be worked with. Bytes. */
const maxAnswer = 1_048_576

/** The rest of a plan that is a command and nothing else. */
export const nothingElse = { stdin: undefined, env: undefined, cwd: undefined, runAs: undefined, pty: undefined, mark: undefined } as const

/** Asks which shell it is. Rejects with UNSUPPORTED where the answer is none that core knows. */
export async function askShell(live: LiveSession): Promise<Shell> {
  const scope = new CallScope({ timeout: questionTimeout, operation: 'question for the shell' })
  live.calls.add(scope)
  try {
    const shell = readDialect(await collect(execute(withoutKiller(live), { ...nothingElse, command: dialectQuestion }, scope)))
    if (shell !== undefined) return shell
  } finally {
    live.calls.delete(scope)
    scope.end()
  }
  throw new TransportError('UNSUPPORTED', 'The far side does not answer like any shell that core knows.', {
    hint: 'Name it by the option `shell` (posix, powershell, cmd) where the transport has it.',
    details: { reason: 'unknown-shell' },
  })
}

/**
 * Runs the kill script, at the head of the queue, as the user whose command it ends: a user's own signals reach sudo, and leave what it started
 * running. True: all of it is gone.
 */
export async function endFarSide(
  live: LiveSession,
  shell: Shell,
  script: string,
  elevation: Elevation | undefined,
  scope: CallScope,
  newToken: () => string,
): Promise<boolean> {
  const { capabilities } = live
  const way = elevation === undefined ? planScript(script, false, capabilities) : { text: script, stdin: undefined }
  if (shell.dialect !== 'posix' || way === undefined) return false
  const { plan, dialogue } = planExec({
    what: { text: way.text, language: 'sh' },
    options: { stdin: way.stdin },
    elevation,
    shell,
    // The killer itself needs no killer.
    capabilities: { ...capabilities, kill: 'tree' },
    newToken,
  })
  const events = execute(withoutKiller(live), { ...plan, first: true }, scope)
  const answer = await collect(dialogue === undefined ? events : through(events, dialogue))
  return answer.stdout.trim().endsWith('gone')
}

/** The command's own events, once the talk with sudo is over. */
export async function* through(events: AsyncIterable<ExecEvent>, dialogue: Dialogue): AsyncGenerator<ExecEvent, void, undefined> {
  for await (const event of events) yield* dialogue.take(event)
}

function withoutKiller(live: LiveSession): Parameters<typeof execute>[0] {
  return { ...live, kill: () => Promise.resolve(false) }
}

async function collect(events: AsyncIterable<ExecEvent>): Promise<{ stdout: string; stderr: string; exitCode: number | null }> {
  const stdout = new ByteCollector()
  const stderr = new ByteCollector()
  let exitCode: number | null = null
  for await (const event of events) {
    if (stdout.size + stderr.size > maxAnswer) throw new TransportError('PROTOCOL_ERROR', 'The far side answered a question of core with more than 1 MiB.')
    if (event.type === 'stdout') stdout.push(event.data)
    else if (event.type === 'stderr') stderr.push(event.data)
    else if (event.type === 'exit') exitCode = event.code
  }
  return { stdout: stdout.text(), stderr: stderr.text(), exitCode }
}
