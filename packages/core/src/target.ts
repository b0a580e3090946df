// URLs of targets: Train's rules made sound. Pure. Messages never repeat what may hold a password, and the platform's own
// ERR_INVALID_URL, which carries the whole text, is never used.
import { isIPv6 } from 'node:net'
import type { Target } from './driver.js'
import { TransportError } from './errors.js'
import { type Secret, secret } from './secret.js'

/** What a URL says, before any driver has looked at it. */
export interface ParsedTarget extends Target {
  readonly password: Secret | undefined
  /** In the URL's order, decoded. What a value means is for the driver's table to say, so it counts as secret until then. */
  readonly query: readonly (readonly [name: string, value: Secret])[]
}

const schemePattern = /^[a-z][a-z0-9+.-]*$/

/** Whether `text` may name a transport, and thereby a package. */
export function isScheme(text: string): boolean {
  return schemePattern.test(text)
}

/**
 * Reads `scheme://user:password@host:port/path?name=value`. Every part is percent-decoded; `+` is a plus. In the user and password
 * the last `@` and the first `:` count, and a backslash is itself (`DOM\admin`). Throws nothing but INVALID_TARGET.
 */
export function parseTarget(url: string | URL): ParsedTarget {
  const given: unknown = url
  const text = typeof given === 'object' && given !== null && 'href' in given ? given.href : given // a URL of another realm is none by instanceof
  if (typeof text !== 'string') invalid(`The target is ${text === null ? 'null' : `of type ${typeof text}`}, not a URL.`, writeUrl)
  if (text === '') invalid('The target is empty.', writeUrl)
  if (/[\p{Cc}\p{Cs}]/u.test(text)) invalid('The target has a line break, a control character or half a character in it.', 'Percent-encode it, or take it out.')
  if (text.trim() !== text) invalid('The target begins or ends with white space.', 'Take it out.')

  const { scheme, rest } = splitScheme(text)
  if (rest.includes('#')) invalid('The URL has a raw "#" in it.', 'Write it as %23; a fragment has no meaning here.')
  const authorityEnd = endOf(rest, /[/?]/)
  const authority = rest.slice(0, authorityEnd)
  const queryStart = endOf(rest, /\?/)
  const path = rest.slice(authorityEnd, queryStart)
  const query = rest.slice(queryStart + 1)
  // `ssh://user:pa/ss@host` reads as the host `user`, and `ssh://u:p@ss/word@host` would send a part of the password to `ss`.
  if (path.includes('@') || (query.includes('@') && authority.includes(':'))) {
    invalid('The URL has an "@" behind its first "/" or "?".', 'Percent-encode: in a user name or a password / is %2F and ? is %3F; in a path or a query @ is %40.')
  }

  const at = authority.lastIndexOf('@')
  const login = at === -1 ? '' : authority.slice(0, at)
  const colon = login.indexOf(':')
  const user = decode(colon === -1 ? login : login.slice(0, colon), 'user name')
  const password = colon === -1 ? undefined : decode(login.slice(colon + 1), 'password')
  const { host, port } = splitHost(authority.slice(at + 1))
  refuseInjection('user', user)
  refuseInjection('host', host)
  if (/\p{Z}/u.test(host)) invalid('The host has a space in it.', 'Take it out.')
  const decodedPath = decode(path, 'path')
  if (/\p{Cc}/u.test(decodedPath)) invalid('The path has a control character in it.', 'Take it out.')

  return Object.freeze({
    scheme,
    host: host === '' ? undefined : host,
    port,
    user: user === '' ? undefined : user,
    path: decodedPath === '' || decodedPath === '/' ? undefined : decodedPath, // `ssh://host/` and `ssh://host` are the same
    password: password === undefined ? undefined : secret(password),
    query: splitQuery(query),
  })
}

const writeUrl = 'Write a URL such as ssh://user@host:22, or local: for this machine.'

function invalid(message: string, hint: string): never {
  throw new TransportError('INVALID_TARGET', message, { hint, operation: 'connect' })
}

function endOf(text: string, mark: RegExp): number {
  const index = text.search(mark)
  return index === -1 ? text.length : index
}

/** The scheme, and what follows `//`. `local:` and `mock:?name=value` need no slashes. */
function splitScheme(text: string): { readonly scheme: string; readonly rest: string } {
  const colon = text.indexOf(':')
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase()
  const rest = text.slice(colon + 1)
  if (isScheme(scheme)) {
    if (rest.startsWith('//')) return { scheme, rest: rest.slice(2) }
    if (rest === '' || rest.startsWith('?')) return { scheme, rest }
  }
  invalid(...withoutScheme(text, isScheme(scheme) ? rest : undefined))
}

/** What was probably meant, said without repeating anything that may be a password. */
function withoutScheme(text: string, rest: string | undefined): [message: string, hint: string] {
  if (isAddress(text)) return ['The target has no scheme.', `Write the address in brackets: ssh://[${text}]`]
  if (/^(?:[^@:/?#\s]+@)?(?:[^@:/?#\s[\]\\]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(text)) return ['The target has no scheme.', `Write ssh://${text}, with the scheme of your transport.`]
  if (/^[a-z]:[\\/]/i.test(text)) return ['The target is a path of Windows, not a URL.', writeUrl]
  if (text.includes('@')) return ['The target has no scheme.', 'Write ssh://user:password@host:port, with the scheme of your transport.']
  if (text.includes('://') && rest === undefined) return ['The scheme is malformed.', 'A scheme begins with a letter; letters, digits, "+", "." and "-" may follow.']
  if (rest?.startsWith('/') === true) return ['The URL lacks a slash.', 'Two follow the scheme: ssh://host']
  return ['The target is not a URL.', writeUrl]
}

/** Without a zone, in which anything may stand. */
function isAddress(text: string): boolean {
  return isIPv6(text) && !text.includes('%')
}

function splitHost(text: string): { readonly host: string; readonly port: number | undefined } {
  if (text.startsWith('[')) {
    const [, address, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? []
    const host = address?.replace(/%25(?=.)/, '%') ?? '' // RFC 6874 writes a zone's % as %25
    if (!isIPv6(host)) invalid('What stands in brackets is not an IPv6 address.', 'Write ssh://[2001:db8::1]:22; a name and an IPv4 address take no brackets.')
    return { host, port: toPort(port) }
  }
  const [raw = '', port, ...more] = text.split(':')
  if (more.length > 0) invalid('The host has more than one ":".', ipv6Hint(text))
  if (/[[\]\\]/.test(raw)) invalid('The host has a bracket or a backslash in it.', 'Brackets are for IPv6 addresses; a domain belongs to the user: ssh://DOMAIN\\user@host')
  return { host: decode(raw, 'host'), port: toPort(port) }
}

/** Repeats the text only where it is an address, and so no password. */
function ipv6Hint(text: string): string {
  const [, address = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? []
  if (isAddress(address) && !address.endsWith('::') && !isAddress(text)) return `Write the address in brackets: [${address}]:${port}`
  if (isAddress(text)) return `Write the address in brackets: [${text}]${address === '' ? '' : ', and a port behind them'}`
  return 'Write an IPv6 address in brackets, ssh://[2001:db8::1]:22, and put "@" behind a user and a password: ssh://user:password@host'
}

function toPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  // The text may be a password whose "@host" was forgotten.
  if (port < 1 || port > 65_535) invalid('The port is not a number from 1 to 65535.', 'Write scheme://host:22; percent-encode # / ? in a password (%23 %2F %3F), which ends at the last "@".')
  return port
}

function splitQuery(text: string): ParsedTarget['query'] {
  const parts = text.split('&').filter((part) => part !== '')
  return Object.freeze(
    parts.map((part) => {
      const equals = part.indexOf('=')
      if (equals < 1) invalid('The query has a part that is not name=value.', 'Write ?name=value&other=value, and & in a value as %26.')
      const name = decode(part.slice(0, equals), 'query')
      if (/[\p{Cc}\p{Cf}]/u.test(name)) invalid('The query has a control character in a name.', 'Take it out.')
      return Object.freeze([name, secret(decode(part.slice(equals + 1), 'query'))] as const)
    }),
  )
}

function decode(text: string, part: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(text)
  } catch {
    return invalid(`The ${part} has a "%" that is no percent-encoding of UTF-8.`, 'Write a % itself as %25.')
  }
  if (decoded.includes('\0')) invalid(`The ${part} has a NUL character in it.`, 'Take it out.')
  return decoded
}

function refuseInjection(part: 'host' | 'user', value: string): void {
  const problem = injectionOf(value)
  if (problem !== undefined) invalid(`The ${part} ${problem}.`, 'Take it out.')
}

/** Why a host or a user must not reach any program: it would be taken for an option, or for two lines. */
export function injectionOf(value: string): string | undefined {
  if (value.startsWith('-')) return 'begins with "-"'
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value) ? 'has a control character in it' : undefined
}
