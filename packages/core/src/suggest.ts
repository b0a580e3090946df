// "Did you mean …?": the nearest of some names, or none when nothing is near.

/** Names longer than this are nobody's typing error, and comparing them costs time. */
const longest = 64

/** Steps from one text to the other: insert, delete, replace, or swap two neighbours. */
export function distance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let steps = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1))
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) steps = Math.min(steps, (beforeLast[column - 2] ?? 0) + 1)
      current.push(steps)
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** What people mix up freely: case, `-` and `_`. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '')

/** The candidate nearest to `name`, where it is near enough to be a typing error: one step, or a third of the name. */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longest) return undefined
  const wanted = plain(name)
  let nearest: string | undefined
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const steps = distance(wanted, plain(candidate))
    if (steps < fewest && steps < Math.max(wanted.length, 1)) [nearest, fewest] = [candidate, steps]
  }
  return nearest
}
