// Names of jump hosts. Pure.
import { TransportError } from '@train-ts/core'
import { refuseDash } from './resolve.js'

export interface Jump {
  readonly host: string
  readonly user: string | undefined
  readonly port: number | undefined
  /** As in `ssh -J`. */
  readonly text: string
}

type Named = Omit<Jump, 'text'>

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`, separated by commas; `none` for none. */
export function parseJumps(given: readonly (string | Named)[]): readonly Jump[] {
  const named = given.flatMap((item) => (typeof item === 'string' ? item.split(',').map((text) => text.trim()).filter((text) => text !== '').map(parseJump) : [item]))
  if (named.some((jump) => jump === undefined)) return []
  return named.flatMap((jump) => jump ?? []).map((jump) => {
    refuseDash('proxyJump', jump.host)
    refuseDash('proxyJump', jump.user)
    const host = jump.host.includes(':') ? `[${jump.host}]` : jump.host
    return { ...jump, text: `${jump.user === undefined ? '' : `${jump.user}@`}${host}${jump.port === undefined ? '' : `:${jump.port}`}` }
  })
}

/** undefined for `none`. */
function parseJump(text: string): Named | undefined {
  if (text.toLowerCase() === 'none') return undefined
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@[\]]+))(?::(\d{1,5}))?\/?$/.exec(text)
  const host = match?.[2] ?? match?.[3]
  const port = match?.[4] === undefined ? undefined : Number(match[4])
  if (match === null || host === undefined || (port !== undefined && (port < 1 || port > 65_535))) {
    throw new TransportError('INVALID_OPTIONS', `'${text}' is no jump host.`, { hint: 'Write [user@]host[:port], several with commas between.', details: { option: 'proxyJump' } })
  }
  return { host, user: match[1], port }
}
