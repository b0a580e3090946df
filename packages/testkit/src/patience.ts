// Limits for what may never end. Cases wait for events; these are for the events that do not come.

/**
 * Settles as `promise` does, or rejects with `message` after `milliseconds`. They are counted in small steps: a process that is too busy to
 * take its turns must not take that for a far side that hangs.
 */
export async function within<Value>(milliseconds: number, message: string, promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    let left = milliseconds
    const step = (): void => {
      if (left <= 0) return reject(new Error(message))
      timer = setTimeout(step, Math.min(left, 50))
      left -= 50
    }
    step()
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** True when `promise` settled, either way, within `milliseconds`. */
export async function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const settled = promise.then(() => true, () => true)
  return within(milliseconds, 'late', settled).catch(() => false)
}
