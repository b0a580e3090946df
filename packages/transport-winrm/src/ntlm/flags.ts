// The negotiate flags of MS-NLMP §2.2.2.5 that matter here.

export const flags = {
  unicode: 0x0000_0001,
  requestTarget: 0x0000_0004,
  sign: 0x0000_0010,
  seal: 0x0000_0020,
  ntlm: 0x0000_0200,
  alwaysSign: 0x0000_8000,
  targetTypeServer: 0x0002_0000,
  extendedSessionSecurity: 0x0008_0000,
  targetInfo: 0x0080_0000,
  version: 0x0200_0000,
  key128: 0x2000_0000,
  keyExchange: 0x4000_0000,
  key56: 0x8000_0000,
} as const

/** What a client of ours offers, and what it insists on but for `requestTarget`, `version` and `key56`. */
export const offered = all('unicode', 'requestTarget', 'sign', 'seal', 'ntlm', 'alwaysSign', 'extendedSessionSecurity', 'version', 'key128', 'keyExchange', 'key56')

/** Without any of these the keys would be weak, or nothing could be sealed. */
export const demanded = all('unicode', 'sign', 'seal', 'extendedSessionSecurity', 'key128', 'keyExchange')

/** Windows 10's number with NTLM revision 15, which every implementation sends. */
export const version = Uint8Array.of(10, 0, 0x61, 0x4a, 0, 0, 0, 15)

function all(...names: readonly (keyof typeof flags)[]): number {
  return names.reduce((sum, name) => (sum | flags[name]) >>> 0, 0)
}
