// The WWW-Authenticate headers of an answer: several lines, or one with commas.

export interface OfferedScheme {
  /** Lower case. */
  readonly scheme: string
  readonly token: Uint8Array | undefined
}

const known = ['negotiate', 'kerberos', 'ntlm', 'basic', 'credssp', 'digest', 'bearer']
const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Splits headers such as `Negotiate, Basic realm="WSMAN", CredSSP`. Parameters are dropped. */
export function parseChallenges(headers: readonly string[]): readonly OfferedScheme[] {
  return headers.flatMap((header) =>
    header.split(',').flatMap((part) => {
      const [word = '', rest] = part.trim().split(/\s+/, 2)
      const scheme = word.toLowerCase()
      if (!known.includes(scheme)) return []
      return [{ scheme, token: rest !== undefined && base64.test(rest) ? Buffer.from(rest, 'base64') : undefined }]
    }),
  )
}

/** Names as a person writes them, for messages. */
export function schemeNames(offered: readonly OfferedScheme[]): string {
  const names = [...new Set(offered.map(({ scheme }) => scheme.charAt(0).toUpperCase() + scheme.slice(1)))]
  return names.length === 0 ? 'none' : names.join(', ')
}
