// Waiting that can be stopped, without a listener left behind.

/** Settles as `promise` does, or rejects with the signal's reason, whichever is first. */
export async function raceAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  promise.catch(() => undefined)
  signal.throwIfAborted()
  let stopListening = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
    signal.addEventListener('abort', onAbort, { once: true })
    stopListening = () => signal.removeEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    stopListening()
  }
}

export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    await raceAbort(new Promise<void>((resolve) => { timer = setTimeout(resolve, milliseconds) }), signal)
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for `promise`, whatever becomes of it, but not for longer than this. */
export async function settleWithin(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, milliseconds) })
  try {
    await Promise.race([promise.then(() => undefined, () => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}

/** A signal that follows each of `signals`; `release` takes the listeners away again. (`AbortSignal.any` keeps them on a long-lived signal.) */
export function follow(...signals: readonly AbortSignal[]): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  const releases = signals.map((signal) => {
    const onAbort = (): void => controller.abort(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    return () => signal.removeEventListener('abort', onAbort)
  })
  return { signal: controller.signal, release: () => releases.forEach((release) => release()) }
}
