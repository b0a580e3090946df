// A name for the target machine that stays the same, by Train's rules: what Chef gave it, else its machine id. Pure.
import { createHash } from 'node:crypto'

export function readUuid(fields: ReadonlyMap<string, string>): string | undefined {
  const chef = /"node_uuid"\s*:\s*"([0-9a-fA-F-]{36})"/.exec(fields.get('chef-metadata') ?? '')?.[1]
  if (chef !== undefined) return chef
  const guid = fields.get('chef-guid')?.trim()
  if (guid !== undefined && guid !== '') return guid
  for (const name of ['machine-id', 'dbus-machine-id']) {
    const id = fields.get(name)?.trim()
    // An image that has not been started yet has none, or says so.
    if (id !== undefined && /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id)) return uuidFromText(id)
  }
  return /"IOPlatformUUID" = "([0-9A-Fa-f-]{36})"/.exec(fields.get('mac-hardware') ?? '')?.[1]
}

/** Train's: SHA-1 of the text in the form of a UUID of version 5, without a namespace. */
export function uuidFromText(text: string): string {
  const digest = createHash('sha1').update(text).digest()
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
