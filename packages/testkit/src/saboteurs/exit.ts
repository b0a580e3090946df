import type { ExecEvent } from '@train-ts/core'
import type { Change } from './change.js'
import { changeCapabilities, changeEvents, changeSession, mapEvents } from './change.js'
import type { Saboteur } from './saboteur.js'
import { forever } from './saboteur.js'

export const exitSaboteurs: readonly Saboteur[] = [
  {
    name: 'knows success and failure only',
    change: mapEvents((event) => [event.type === 'exit' && event.code !== null && event.code > 0 ? { ...event, code: 1 } : event]),
    fails: ['exec.exit-code', 'exec.exit-code-not-guessed', 'stdin.unread', 'stdin.endless'],
  },
  {
    name: 'declares no exit codes',
    change: changeCapabilities({ exitCode: false }),
    fails: ['exec.exit-code'],
  },
  {
    name: 'takes an error on stderr for a failure',
    change: changeEvents(async function* (events) {
      let complains = false
      for await (const event of events) {
        complains ||= event.type === 'stderr' && Buffer.from(event.data).includes('error')
        yield event.type === 'exit' && complains ? { ...event, code: 1 } : event
      }
    }),
    fails: ['exec.exit-code-not-guessed'],
  },
  {
    name: 'calls a killed command a success',
    change: mapEvents((event) => [event.type === 'exit' && event.signal !== null ? { type: 'exit', code: 0, signal: null } : event]),
    fails: ['exec.signal'],
  },
  {
    name: 'gives the exit twice, once for each stream',
    change: afterBoth((exit) => [exit, exit]),
    fails: ['exec.one-exit', 'exec.exit-last'],
  },
  {
    name: 'gives what it read last after the exit',
    change: changeEvents(async function* (events) {
      let held: ExecEvent | undefined
      for await (const event of events) {
        if (event.type === 'stderr' && held === undefined) held = event
        else yield event
      }
      if (held !== undefined) yield held
    }),
    fails: ['exec.exit-last'],
  },
  {
    name: 'ends without an exit',
    change: afterBoth(() => []),
    fails: ['exec.one-exit', 'exec.stderr-apart', 'exec.exit-code-not-guessed'],
  },
  {
    name: 'waits for more of stderr after a failure',
    change: changeEvents(async function* (events) {
      let complains = false
      for await (const event of events) {
        complains ||= event.type === 'stderr'
        yield event
        if (complains && event.type === 'exit' && event.code !== 0) await forever
      }
    }),
    fails: ['exec.ends'],
  },
  {
    name: 'starts before anybody pulls',
    change: changeSession((session) => ({
      exec: (request) => {
        const iterator = session.exec(request)[Symbol.asyncIterator]()
        const first = iterator.next()
        first.catch(() => undefined)
        return (async function* () {
          try {
            for (let step = await first; step.done !== true; step = await iterator.next()) yield step.value
          } finally {
            await iterator.return?.()
          }
        })()
      },
    })),
    fails: ['exec.lazy'],
  },
  {
    name: 'runs a command that said nothing once more, to be sure',
    change: changeSession((session) => ({
      async* exec(request) {
        let isSilent = true
        for await (const event of session.exec(request)) {
          isSilent &&= event.type === 'exit' && event.code === 0
          if (!isSilent || event.type !== 'exit') yield event
        }
        if (isSilent) yield* session.exec(request)
      },
    })),
    fails: ['exec.once', 'concurrency.kept'],
  },
]

/** What `change` makes of the exit of a command that wrote on both streams. */
function afterBoth(change: (exit: ExecEvent) => readonly ExecEvent[]): Change {
  return changeEvents(async function* (events) {
    const written = new Set<string>()
    for await (const event of events) {
      if (event.type !== 'exit') written.add(event.type)
      if (event.type === 'exit' && written.size > 1) yield* change(event)
      else yield event
    }
  })
}
