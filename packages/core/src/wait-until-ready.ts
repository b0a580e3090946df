import { pause } from './abort.js'
import { CallScope } from './call-scope.js'
import type { Commands } from './commands.js'
import { wrapDriverError } from './driver-error.js'
import type { ErrorCode, TransportError } from './errors.js'
import { isTransportError, withAdditions } from './errors.js'
import type { SessionSource } from './session-source.js'

/** Milliseconds for a machine that boots, where the caller says nothing: Train's default. */
const defaultTimeout = 600_000

const whileBooting: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CONNECT_FAILED', 'CONNECTION_LOST', 'TIMEOUT', 'BUSY'])

/** Pauses between attempts: 250 ms, half as long again each time, 5 s at most. */
function delay(attempt: number): number {
  return Math.min(5_000, 250 * 1.5 ** attempt)
}

/** Opens the first session, again and again while the machine refuses; a wrong password or host key ends it at once. */
export async function openWhenReady(source: SessionSource, timeout: number | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (timeout === undefined || timeout === 0) return source.open(signal)
  await repeat({ timeout, signal }, new Set<ErrorCode>(['CONNECT_FAILED']), (scope) => source.open(scope.signal))
}

/** Opens a lost session again, and runs a real command until one comes to its end. Nothing that the user had asked for is run again. */
export async function waitUntilReady(
  source: SessionSource,
  commands: Commands,
  options: { readonly timeout?: number; readonly signal?: AbortSignal },
): Promise<void> {
  await repeat({ timeout: options.timeout ?? defaultTimeout, signal: options.signal }, whileBooting, async (scope) => {
    if (!source.isLive) await source.open(scope.signal)
    for await (const event of commands.events('echo ready', { signal: scope.signal, timeout: 30_000 }, 'waitUntilReady'))
      if (event.type === 'exit') return
  })
}

async function repeat(
  options: { readonly timeout: number; readonly signal: AbortSignal | undefined },
  expected: ReadonlySet<ErrorCode>,
  attempt: (scope: CallScope) => Promise<void>,
): Promise<void> {
  const scope = new CallScope({ ...options, operation: 'waitUntilReady' })
  let last: TransportError | undefined
  try {
    for (let count = 0; ; count += 1) {
      try {
        await attempt(scope)
        return
      } catch (error) {
        const failure = wrapDriverError(error, 'CONNECT_FAILED')
        if (scope.stopped !== undefined || !expected.has(failure.code)) throw failure
        last = failure
      }
      await pause(delay(count), scope.signal)
    }
  } catch (error) {
    const stopped = scope.stopped ?? error
    throw last !== undefined && isTransportError(stopped, 'TIMEOUT')
      ? withAdditions(stopped, { cause: last, summary: `${stopped.summary} The last attempt: ${last.summary}` })
      : stopped
  } finally {
    scope.end()
  }
}
