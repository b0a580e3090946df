// `owner` and `group` of the options, as chown takes them. Pure.
import { TransportError } from '../errors.js'

export function ownerOf({ owner, group }: { readonly owner?: string | undefined; readonly group?: string | undefined }): string | undefined {
  for (const [option, name] of [['owner', owner], ['group', group]] as const) {
    if (name === undefined) continue
    if (name === '' || /[\s:\0]/.test(name) || name.startsWith('-')) throw new TransportError('INVALID_OPTIONS', `${JSON.stringify(name)} is no name or number of ${option === 'owner' ? 'a user' : 'a group'}`, { details: { option } })
  }
  if (owner === undefined) return group === undefined ? undefined : `:${group}`
  return group === undefined ? owner : `${owner}:${group}`
}

/** A mode is permission bits only: 0o644, not 644. */
export function checkMode(mode: number | undefined): number | undefined {
  if (mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777)) return mode
  throw new TransportError('INVALID_OPTIONS', `${String(mode)} is no file mode`, { hint: 'Write it in octal: 0o644.', details: { option: 'mode' } })
}
