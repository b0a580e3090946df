// What we offer. Modern by default: no SHA-1, no CBC; AES-GCM first, which is the fastest in Node; and of the host key types first those
// under which the host is known, so that a known ed25519 key is not defeated by an RSA key that was negotiated.
import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'

const ciphers: readonly CipherAlgorithm[] = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'chacha20-poly1305@openssh.com']
const macs: readonly MacAlgorithm[] = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512']
const kex: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
]
const hostKeys: readonly ServerHostKeyAlgorithm[] = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256']

/** Known types first; the rest stays offered, because a changed key must be seen as changed, not as "no matching algorithm". */
export function orderHostKeys(known: readonly string[], offered: readonly ServerHostKeyAlgorithm[] = hostKeys): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string): boolean => known.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)
  return [...offered.filter(isKnown), ...offered.filter((algorithm) => !isKnown(algorithm))]
}

export function algorithmsFor(known: readonly string[]): Algorithms {
  return { cipher: [...ciphers], hmac: [...macs], kex: [...kex], serverHostKey: orderHostKeys(known), compress: ['none'] }
}
