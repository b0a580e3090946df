// known_hosts, as OpenSSH reads it (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Pure: text in, values out.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { keyTypeOf } from './wire.js'
import { matchPatternList } from './patterns.js'

/** One line that names a key. */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string
  readonly keyType: string
  readonly key: Buffer
  readonly file: string
  /** Counted from 1. */
  readonly line: number
}

/** What the files say about one key of one host. */
export interface HostKeyFinding {
  /** 'changed': the host is known, with other keys. 'unknown': nothing is said about it. */
  readonly status: 'known' | 'unknown' | 'changed' | 'revoked'
  /** The line that decided it: that holds the key, revokes it, or disagrees with it. */
  readonly entry: KnownHost | undefined
}

/** Lines that are no entries (comments, blank, broken) are left out, as OpenSSH does; it cannot lead to trust. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.trim().split(/[ \t]+/)
    if (fields[0] === '' || fields[0]?.startsWith('#')) continue
    const marker = fields[0] === '@revoked' ? 'revoked' : fields[0] === '@cert-authority' ? 'cert-authority' : undefined
    if (marker !== undefined) fields.shift()
    else if (fields[0]?.startsWith('@')) continue
    const [hosts, keyType, encoded] = fields
    if (hosts === undefined || keyType === undefined || encoded === undefined) continue
    const key = Buffer.from(encoded, 'base64')
    if (keyTypeOf(key) !== keyType) continue
    entries.push({ marker, hosts, keyType, key, file, line: index + 1 })
  }
  return entries
}

/** Under which name a host stands in known_hosts: bare on port 22, else `[host]:port`. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** Whether an entry speaks about `name`, which is lower-case and has the form of {@link knownHostName}. */
export function matchesHost(entry: KnownHost, name: string): boolean {
  return entry.hosts.startsWith('|1|') ? matchesHashed(entry.hosts, name) : matchPatternList(name, entry.hosts.toLowerCase())
}

function matchesHashed(hashed: string, name: string): boolean {
  const [, , salt, digest] = hashed.split('|')
  if (salt === undefined || digest === undefined) return false
  const expected = Buffer.from(digest, 'base64')
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/**
 * Judges `key` of `host`. Revoked wins over all. A host that is known only by keys of other types is 'changed', not 'unknown' (OpenSSH calls
 * it new): the known types were preferred when the algorithms were negotiated, so the server has given them up or is another one.
 */
export function findHostKey(entries: readonly KnownHost[], host: string, port: number, key: Uint8Array): HostKeyFinding {
  const own = entries.filter((entry) => matchesHost(entry, knownHostName(host, port)))
  // As OpenSSH: a host on another port may also be known by its bare name. That can only confirm a key, or revoke it.
  const bare = port === 22 ? own : entries.filter((entry) => matchesHost(entry, host.toLowerCase()))
  const same = (entry: KnownHost): boolean => entry.key.equals(key)
  const revoked = [...own, ...bare].find((entry) => entry.marker === 'revoked' && same(entry))
  if (revoked !== undefined) return { status: 'revoked', entry: revoked }
  const plain = own.filter((entry) => entry.marker === undefined)
  const known = plain.find(same)
  if (known !== undefined) return { status: 'known', entry: known }
  const other = plain.find((entry) => entry.keyType === keyTypeOf(key)) ?? plain[0]
  if (other !== undefined) return { status: 'changed', entry: other }
  const byName = bare.find((entry) => entry.marker === undefined && same(entry))
  return byName === undefined ? { status: 'unknown', entry: undefined } : { status: 'known', entry: byName }
}

/** The authorities whose certificates vouch for a host. A key that is revoked, for this host, vouches for nothing. */
export function authoritiesOf(entries: readonly KnownHost[], host: string, port: number): KnownHost[] {
  const own = entries.filter((entry) => matchesHost(entry, knownHostName(host, port)) || matchesHost(entry, host.toLowerCase()))
  const revoked = own.filter((entry) => entry.marker === 'revoked')
  return own.filter((entry) => entry.marker === 'cert-authority' && !revoked.some(({ key }) => key.equals(entry.key)))
}

/** The key types under which a host is known, in the files' order: negotiation prefers them. */
export function knownKeyTypes(entries: readonly KnownHost[], host: string, port: number): string[] {
  const names = new Set([knownHostName(host, port), host.toLowerCase()])
  const types = entries.filter((entry) => entry.marker === undefined && [...names].some((name) => matchesHost(entry, name))).map((entry) => entry.keyType)
  return [...new Set(types)]
}

/** The line for a new key; `salt` (20 random bytes) hashes the name. */
export function formatKnownHost(host: string, port: number, key: Uint8Array, salt?: Uint8Array): string {
  const name = knownHostName(host, port)
  const written = salt === undefined ? name : `|1|${Buffer.from(salt).toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
  return `${written} ${keyTypeOf(key)} ${Buffer.from(key).toString('base64')}\n`
}
