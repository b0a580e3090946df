import type { ExecRequest } from '@train-ts/core'
import { Conversation } from '../stdin.js'
import type { Change } from './change.js'
import { changeExec } from './change.js'
import type { Saboteur } from './saboteur.js'
import { forever } from './saboteur.js'

export const stdinSaboteurs: readonly Saboteur[] = [
  {
    name: 'leaves stdin open where there is none',
    change: changeExec((request, original) => original({ ...request, stdin: request.stdin ?? new Conversation() })),
    fails: ['stdin.absent'],
  },
  {
    name: 'does not tell the end of a stdin of several chunks',
    change: changeStdin(async function* (source) {
      let chunks = 0
      for await (const chunk of source) {
        chunks += 1
        yield chunk
      }
      if (chunks > 1) await forever
    }),
    fails: ['stdin.end', 'stdin.large', 'stdin.live'],
  },
  {
    name: 'gathers stdin before it sends any',
    change: changeStdin(async function* (source) {
      const all: Uint8Array[] = []
      for await (const chunk of source) all.push(chunk)
      yield Buffer.concat(all)
    }),
    fails: ['stdin.live'],
  },
  {
    name: 'takes stdin for UTF-8',
    change: changeStdin(async function* (source) {
      for await (const chunk of source) yield Buffer.from(Buffer.from(chunk).toString('utf8'))
    }),
    fails: ['stdin.every-byte'],
  },
  {
    name: 'loses stdin beyond a mebibyte',
    change: changeStdin(async function* (source) {
      let left = 1_048_576
      for await (const chunk of source) {
        yield chunk.subarray(0, left)
        left -= Math.min(left, chunk.byteLength)
      }
    }),
    fails: ['stdin.large'],
  },
  {
    name: 'takes a closed pipe for an error',
    change: changeExec(async function* (request, original) {
      if (request.stdin === undefined) {
        yield* original(request)
        return
      }
      let isRead = false
      for await (const event of original({ ...request, stdin: noting(request.stdin, () => { isRead = true }) })) {
        if (event.type === 'exit' && !isRead) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
        yield event
      }
    }),
    fails: ['stdin.unread', 'stdin.endless'],
  },
  {
    name: 'waits for the end of stdin before it gives the exit',
    change: changeExec(async function* (request, original) {
      if (request.stdin === undefined) {
        yield* original(request)
        return
      }
      let read: () => void = () => undefined
      const isRead = new Promise<void>((resolve) => { read = resolve })
      for await (const event of original({ ...request, stdin: noting(request.stdin, read) })) {
        if (event.type === 'exit') await isRead
        yield event
      }
    }),
    fails: ['stdin.endless', 'stdin.unread'],
  },
]

/** The source, and a call when it has been read to its end. */
async function* noting(source: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncGenerator<Uint8Array> {
  yield* source
  onEnd()
}

function changeStdin(change: (source: NonNullable<ExecRequest['stdin']>) => AsyncIterable<Uint8Array>): Change {
  return changeExec((request, original) => original({ ...request, stdin: request.stdin === undefined ? undefined : change(request.stdin) }))
}
