// Drivers of this machine that keep the contract, each with other capabilities.
import { randomUUID } from 'node:crypto'
import { localDriver } from '@train-ts/core'
import type { AnyDriver, ExecRequest, Secret } from '@train-ts/core'
import { cautious as declaringLittle, queued as likeQueue } from '../src/saboteurs/behaviours.js'
import type { Change, Events } from '../src/saboteurs/change.js'
import { both, changeCapabilities, changeExec } from '../src/saboteurs/change.js'
import { endTree, tokenName } from './process-tree.js'

/** `kill: 'tree'`: the driver ends the whole tree itself, also while nobody pulls. */
const killingTree: Change = both(changeCapabilities({ kill: 'tree' }), changeExec((request, original) => killable(request, original)))

async function* killable(request: ExecRequest, original: (request: ExecRequest) => Events): Events {
  request.signal.throwIfAborted()
  const token = randomUUID()
  const env = new Map<string, string | Secret>([...(request.env ?? []), [tokenName, token]])
  const inner = new AbortController()
  let ended: Promise<void> | undefined
  const stop = (): void => { ended ??= endTree(token).finally(() => inner.abort(new Error('stopped'))) }
  request.signal.addEventListener('abort', stop, { once: true })
  let isOver = false
  try {
    for await (const event of original({ ...request, env, signal: inner.signal })) {
      // Its exit after an abort is our own doing.
      if (request.signal.aborted) break
      yield event
    }
    isOver = !request.signal.aborted
  } finally {
    request.signal.removeEventListener('abort', stop)
    // Left before its end: there is nobody else who could stop it.
    if (!isOver) stop()
    await ended
  }
  request.signal.throwIfAborted()
}
/** Everything that `local:` has, and `kill: 'tree'`. */
export const killing: AnyDriver = killingTree(localDriver)
export const cautious: AnyDriver = declaringLittle(localDriver)
export const queued: AnyDriver = both(killingTree, likeQueue, changeCapabilities({ cwd: false }))(localDriver)
