/** A bucket of `perSecond` tokens. The time is the caller's. */
export function createRate(perSecond: number | undefined): (now: number) => boolean {
  if (perSecond === undefined) return () => true
  let tokens = perSecond
  let last: number | undefined
  return (now) => {
    tokens = Math.min(perSecond, tokens + ((now - (last ?? now)) / 1000) * perSecond)
    last = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
