/** Whether an agent's version is strictly greater. What cannot be read is not. */
export function isNewer(version: string, than: string): boolean {
  const parts = (text: string): number[] => (/^\d+(\.\d+)*$/.test(text) ? text.split('.').map(Number) : [])
  const [left, right] = [parts(version), parts(than)]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return left.length > 0 && difference > 0
  }
  return false
}
