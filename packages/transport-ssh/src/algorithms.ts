// What we offer. Modern by default: no SHA-1, no CBC; AES-GCM first, which is the fastest in Node; and of the host key types first those
// under which the host is known, so that a known ed25519 key is not defeated by an RSA key that was negotiated.
import { TransportError } from '@train-ts/core'
import type { Algorithms } from 'ssh2'
import { matchPattern } from './patterns.js'
import { allowHostCertificates, hostCertificateAlgorithms, supportedAlgorithms } from './ssh2-internals.js'
import type { AlgorithmKind } from './ssh2-internals.js'

const defaults: { readonly [Kind in AlgorithmKind]: readonly string[] } = {
  ciphers: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'chacha20-poly1305@openssh.com'],
  macs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  kexAlgorithms: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  hostKeyAlgorithms: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'],
}

/** OpenSSH's lists: plain names replace the defaults; `+` adds, `-` takes away by pattern, `^` puts first. What ssh2 has not is left out. */
export function algorithmList(kind: AlgorithmKind, wanted: readonly string[] | undefined, everything: boolean): string[] {
  const supported = supportedAlgorithms(kind)
  const base = defaults[kind].filter((name) => supported.includes(name))
  const names = wanted?.flatMap((part) => part.split(',')).map((name) => name.trim()).filter((name) => name !== '')
  let list = names === undefined || names.length === 0 ? base : applyList(base, names)
  if (everything) list = [...list, ...supported.filter((name) => !list.includes(name))]
  const usable = list.filter((name) => supported.includes(name))
  if (usable.length > 0) return usable
  throw new TransportError('INVALID_OPTIONS', `None of the ${kind} that are asked for is supported: ${list.join(', ')}.`, {
    hint: `Supported: ${supported.join(', ')}.`,
    details: { option: kind },
  })
}

function applyList(base: readonly string[], names: readonly string[]): string[] {
  const sign = names[0]?.[0]
  const bare = names.map((name) => name.replace(/^[+^-]/, ''))
  if (sign === '+') return [...base, ...bare.filter((name) => !base.includes(name))]
  if (sign === '^') return [...bare, ...base.filter((name) => !bare.includes(name))]
  if (sign === '-') return base.filter((name) => !bare.some((pattern) => matchPattern(name, pattern)))
  return [...bare]
}

/** Known types first; the rest stays offered, because a changed key must be seen as changed, not as "no matching algorithm". */
export function orderHostKeys(known: readonly string[], offered: readonly string[]): string[] {
  const isKnown = (algorithm: string): boolean => known.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)
  return [...offered.filter(isKnown), ...offered.filter((algorithm) => !isKnown(algorithm))]
}

export type AlgorithmLists = { readonly [Kind in AlgorithmKind]: readonly string[] }

/** `certificates`: an authority vouches for the host, so its certificates are asked for before its keys. */
export function algorithmsOf(lists: AlgorithmLists, known: readonly string[], compression: boolean, certificates: boolean): Algorithms {
  if (certificates) allowHostCertificates()
  const offer = {
    cipher: [...lists.ciphers],
    hmac: [...lists.macs],
    kex: [...lists.kexAlgorithms],
    serverHostKey: [...(certificates ? hostCertificateAlgorithms : []), ...orderHostKeys(known, lists.hostKeyAlgorithms)],
    compress: compression ? ['zlib@openssh.com', 'zlib', 'none'] : ['none'],
  }
  return offer as Algorithms // each name is one of ssh2's own lists
}
