// What is known of a file, with Train's questions about it. Pure.
import type { FileStat, ModeRight, ModeWho } from '../connection.js'
import type { RemotePath } from '../driver.js'
import { showPath } from './script.js'

/** A {@link FileStat} before it got its methods. */
export type StatData = Omit<FileStat, 'modeMask' | 'linkedTo' | 'ownedBy' | 'groupedInto'>

const owners: Readonly<Record<ModeWho, number>> = { owner: 0o700, group: 0o070, other: 0o007, all: 0o777 }
const rights: Readonly<Record<ModeRight, number>> = { r: 0o444, w: 0o222, x: 0o111 }

/** Frozen; the methods are not enumerable, so that it compares, prints and travels as plain data. */
export function toFileStat(data: StatData): FileStat {
  const methods = {
    modeMask: (who: ModeWho, right: ModeRight) => data.mode & owners[who] & rights[right],
    linkedTo: (path: RemotePath) => data.linkTarget !== undefined && [data.linkTarget, data.path].some((known) => known !== undefined && same(known, path)),
    ownedBy: (owner: string | number) => owner === data.owner || String(owner) === String(data.uid),
    groupedInto: (group: string | number) => group === data.group || String(group) === String(data.gid),
  }
  const stat = { ...data }
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(stat, name, { value, enumerable: false })
  return Object.freeze(stat) as FileStat // defineProperty does not tell the type checker what it added
}

function same(one: RemotePath, other: RemotePath): boolean {
  return typeof one === typeof other ? Buffer.compare(Buffer.from(one), Buffer.from(other)) === 0 : showPath(one) === showPath(other)
}
