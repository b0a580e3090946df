// Limits for what may never end. Cases wait for events; these are for the events that do not come.

/** Settles as `promise` does, or rejects with `message` after `milliseconds`. */
export async function within<Value>(milliseconds: number, message: string, promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds)
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
