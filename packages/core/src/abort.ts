/** Calls `listener` once with the signal's reason. Returns what removes the listener again: call it always. */
export function abortable(signal: AbortSignal, listener: (reason: Error) => void): () => void {
  const onAbort = (): void => listener(reasonOf(signal))
  if (signal.aborted) {
    onAbort()
    return () => undefined
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return () => signal.removeEventListener('abort', onAbort)
}

/** The reason as an Error, whatever the caller passed to `abort()`. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new DOMException(String(reason), 'AbortError')
}

/** Settles as `promise` does, or rejects when `signal` aborts, whichever is first. A late rejection of `promise` is not unhandled. */
export async function raceAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let stopListening = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stopListening = abortable(signal, reject)
  })
  promise.catch(() => undefined)
  try {
    return await Promise.race([aborted, promise])
  } finally {
    stopListening()
  }
}

/** True when `promise` settled (either way) within `milliseconds`. */
export async function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  try {
    return await Promise.race([promise.then(() => true, () => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves after `milliseconds`, or rejects with the signal's reason. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    await raceAbort(new Promise<void>((resolve) => { timer = setTimeout(resolve, milliseconds) }), signal)
  } finally {
    clearTimeout(timer)
  }
}
