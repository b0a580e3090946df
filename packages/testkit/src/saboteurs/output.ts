import { once } from 'node:events'
import type { ExecEvent } from '@train-ts/core'
import { buffering, cutting, merging, queued } from './behaviours.js'
import { both, changeCapabilities, changeEvents, changeExec, mapEvents } from './change.js'
import type { Saboteur } from './saboteur.js'

export const outputSaboteurs: readonly Saboteur[] = [
  {
    name: 'loses a large chunk that comes with the exit',
    change: changeEvents(async function* (events) {
      let held: ExecEvent | undefined
      for await (const event of events) {
        if (held !== undefined && event.type !== 'exit') yield held
        held = 'data' in event && event.data.byteLength > 32_768 ? event : undefined
        if (held === undefined) yield event
      }
    }),
    fails: ['exec.large-output', 'exec.background-output'],
  },
  {
    name: 'trims what a command says',
    change: mapEvents((event) => [event.type === 'stdout' && event.data.byteLength < 100 ? { ...event, data: Buffer.from(Buffer.from(event.data).toString().trim()) } : event]),
    fails: ['exec.stdout', 'env.values', 'pty.terminal', 'stdin.end'],
  },
  {
    name: 'tidies the spaces of a command',
    change: changeExec((request, original) => original({ ...request, command: request.command.replace(/ {2,}/g, ' ') })),
    fails: ['exec.stdout', 'exec.verbatim'],
  },
  {
    name: 'merges stderr although it declares it',
    change: merging,
    fails: ['exec.stderr-apart', 'exec.large-output'],
  },
  {
    name: 'tells streams apart although it declares that it cannot',
    change: changeCapabilities({ stderr: false }),
    fails: ['exec.stderr-merged'],
  },
  {
    name: 'takes every output for UTF-8',
    change: mapEvents((event) => [event.type === 'stdout' ? { ...event, data: Buffer.from(Buffer.from(event.data).toString('utf8')) } : event]),
    fails: ['exec.every-byte', 'stdin.every-byte'],
  },
  {
    name: 'cuts below its limit',
    change: both(queued, cutting(20_000, false)),
    fails: ['exec.large-output', 'exec.background-output'],
  },
  {
    name: 'does not say that it has cut',
    change: both(queued, mapEvents((event) => [event.type === 'exit' ? { type: 'exit', code: event.code, signal: event.signal } : event])),
    fails: ['exec.truncation-told'],
  },
  {
    name: 'shows output at the end although it declares streaming',
    change: buffering,
    fails: ['exec.streaming', 'exec.backpressure', 'stdin.live', 'abort.keeps-output', 'kill.suspended', 'kill.break', 'kill.output-limit'],
  },
  {
    name: 'reads on while nobody pulls',
    change: changeEvents(async function* (events) {
      const all: ExecEvent[] = []
      let wake: () => void = () => undefined
      const reading = (async () => {
        for await (const event of events) {
          all.push(event)
          wake()
        }
      })().finally(() => wake())
      let isOver = false
      reading.then(() => { isOver = true }, () => { isOver = true })
      for (;;) {
        const event = all.shift()
        if (event !== undefined) yield event
        else if (isOver) break
        else await Promise.race([reading.catch(() => undefined), new Promise<void>((resolve) => { wake = resolve })])
      }
      await reading
    }),
    fails: ['exec.backpressure'],
  },
  {
    name: 'holds the exit while anything has its streams',
    faults: {
      onExit: async (machine, { id }) => {
        for (const { killed } of machine.family(id)) await once(killed.signal, 'abort')
      },
    },
    fails: ['exec.background-child', 'exec.background-output'],
  },
  {
    name: 'ends what a command leaves in the background',
    faults: { onExit: async (machine, { id }) => { for (const process of machine.family(id)) machine.kill(process, 'KILL') } },
    fails: ['exec.background-child'],
  },
]
