// Where a session's token may be sent to. Pure.
import { TransportError } from '@train-ts/core'

/**
 * The address that the service gave, if the token may go there: the region's own message service by TLS, or the host of an endpoint that the caller
 * configured. Anything else would hand a root shell to whoever forged the answer.
 */
export function checkStreamUrl(text: string, region: string, endpoint: string | undefined): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw hostile('is no URL')
  if (url.username !== '' || url.password !== '') throw hostile('carries credentials')
  if (endpoint !== undefined && URL.canParse(endpoint)) {
    const own = new URL(endpoint)
    const secure = own.protocol === 'https:' ? url.protocol === 'wss:' : url.protocol === 'ws:' || url.protocol === 'wss:'
    if (secure && url.hostname === own.hostname) return url
  }
  if (url.protocol !== 'wss:') throw hostile('is not wss:')
  if (url.port !== '') throw hostile('names a port')
  const escaped = region.replace(/[^a-z0-9-]/g, '')
  const allowed = new RegExp(String.raw`^(?:ssmmessages(?:-fips)?\.${escaped}\.(?:amazonaws\.com(?:\.cn)?|api\.aws)|vpce-[a-z0-9-]+\.ssmmessages\.${escaped}\.vpce\.amazonaws\.com(?:\.cn)?)$`)
  if (!allowed.test(url.hostname)) throw hostile('leads to another host')
  return url
}

function hostile(why: string): TransportError {
  return new TransportError('PROTOCOL_ERROR', `The session's stream URL ${why}; its token is not sent there.`, { details: { reason: 'stream-url' } })
}
