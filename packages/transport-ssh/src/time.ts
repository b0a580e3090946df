// Waiting that a signal ends.

export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((settle, fail) => {
    if (signal.aborted) return fail(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      fail(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      settle()
    }, milliseconds)
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Gives `work` a signal that also aborts, with `late` as its reason, when the time is over. */
export async function withDeadline<Result>(
  signal: AbortSignal,
  milliseconds: number,
  late: Error,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController()
  const stop = (): void => controller.abort(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const timer = setTimeout(() => controller.abort(late), milliseconds)
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
