// A target as text that is safe to log.
import { isIPv6 } from 'node:net'
import type { Target } from './driver.js'

/** A value that is not shown. */
const hidden = '***'

/** A part of a URL as `parseTarget` reads it back; letters of any script stay readable. */
function encode(text: string, also = ''): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, (character) => (`-._~${also}`.includes(character) ? character : encodeURIComponent(character)))
}

function authority({ user, host, port }: Target): string {
  const name = host === undefined ? '' : isIPv6(host) ? `[${host.replace('%', '%25')}]` : encode(host)
  return `${user === undefined ? '' : `${encode(user)}@`}${name}${port === undefined ? '' : `:${String(port)}`}`
}

/** As a URL without its password. A path or a value that is undefined in `shown` but was there is `***`. */
export function displayTarget(target: Target, query: readonly (readonly [name: string, value: string | undefined])[], showPath: boolean): string {
  const path = target.path === undefined ? '' : showPath ? encode(target.path, '/:') : `/${hidden}`
  const values = query.map(([name, value]) => `${encode(name, ':')}=${value === undefined ? hidden : encode(value, ':/@')}`)
  const slash = path !== '' && !path.startsWith('/') ? '/' : ''
  return `${target.scheme}://${authority(target)}${slash}${path}${values.length === 0 ? '' : `?${values.join('&')}`}`
}

/** Of a scheme that nobody knows, nothing else is known to be harmless. */
export function displayUnknown(target: Target): string {
  return `${target.scheme}://${hidden}`
}
