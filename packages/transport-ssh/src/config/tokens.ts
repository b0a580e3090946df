// %-tokens and variables in values of ssh_config(5), TOKENS. Pure: the environment is an argument.
import { createHash } from 'node:crypto'

export interface TokenValues {
  /** %h, after HostName. */
  readonly hostName: string
  /** %n, as written. */
  readonly host: string
  readonly port: number
  /** %r */
  readonly user: string
  /** %u */
  readonly localUser: string
  /** %d */
  readonly home: string
  /** %l, with domain. */
  readonly localHost: string
  /** %i */
  readonly localUid: number
  /** %k */
  readonly hostKeyAlias: string
  /** %j */
  readonly proxyJump: string
}

export function expandTokens(text: string, values: TokenValues): string {
  const { localHost, hostName, port, user, proxyJump } = values
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    h: hostName,
    n: values.host,
    p: String(port),
    r: user,
    u: values.localUser,
    d: values.home,
    l: localHost,
    L: localHost.split('.')[0] ?? '',
    i: String(values.localUid),
    k: values.hostKeyAlias,
    j: proxyJump,
    C: createHash('sha1').update(`${localHost}${hostName}${port}${user}${proxyJump}`).digest('hex'),
  }
  return text.replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole)
}

/** `~`, `${VARIABLE}` and tokens, as in names of files. An unset variable leaves the text as it is, which then names no file. */
export function expandPath(text: string, values: TokenValues, environment: Readonly<Record<string, string | undefined>>): string {
  const home = text === '~' || text.startsWith('~/') ? values.home + text.slice(1) : text
  return expandTokens(home.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => environment[name] ?? whole), values)
}
