// Whether the key that a host shows is accepted. The decision has one shape: an error, or nothing.
import { TransportError } from '@train-ts/core'
import { hostCertificateProblem, isCertificate, readableCertificate } from './certificate.js'
import { authoritiesOf, findHostKey, knownHostName } from './known-hosts.js'
import type { HostKeyFinding, KnownHost } from './known-hosts.js'
import type { HostKeyCheck, HostKeyInfo, HostKeyMode } from './host-key-info.js'
import { fingerprint, fingerprintMd5, keyTypeOf, rsaBits } from './wire.js'

export interface HostKeyPolicy {
  /** The name of the URL, under which known_hosts is searched. */
  readonly host: string
  readonly port: number
  readonly mode: HostKeyMode
  readonly pinned: readonly string[] | undefined
  readonly entries: readonly KnownHost[]
  /** Where a new host would be added; for the hint. */
  readonly file: string
  readonly smallestRsa: number
  readonly now: () => number
  /** Milliseconds that a function may take. */
  readonly patience: number
}

/** `add`: accepted because the host is new; write it down once the server has proved that it holds the key. */
export type HostKeyVerdict = { readonly accepted: true; readonly add: boolean } | { readonly accepted: false; readonly error: TransportError }

export async function judgeHostKey(key: Uint8Array, policy: HostKeyPolicy): Promise<HostKeyVerdict> {
  if (isCertificate(key)) return judgeCertificate(key, policy)
  const finding = findHostKey(policy.entries, policy.host, policy.port, key)
  const refuse = (message: string, hint?: string): HostKeyVerdict => ({ accepted: false, error: rejection(key, finding, message, hint) })
  const name = knownHostName(policy.host, policy.port)
  const shown = `${keyTypeOf(key)} ${fingerprint(key)}`
  if (finding.status === 'revoked') return refuse(`The host key of ${name} (${shown}) is revoked by ${place(finding)}.`, 'Somebody marked this key as stolen or retired. Do not connect.')
  const bits = rsaBits(key)
  if (bits !== undefined && bits < policy.smallestRsa) return refuse(`The RSA host key of ${name} has ${bits} bits only (${shown}).`, `At least ${policy.smallestRsa} are needed; ask for an ed25519 key on the server.`)
  if (policy.pinned !== undefined) {
    if (policy.pinned.some((pin) => samePin(pin, key))) return { accepted: true, add: false }
    return refuse(`The host key of ${name} (${shown}) is not the pinned one (${policy.pinned.join(', ')}).`, 'Somebody may be listening in. If the key was changed on purpose, pin the new fingerprint.')
  }
  if (typeof policy.mode === 'function') {
    const { status, entry } = finding
    const { host, port } = policy
    const info: HostKeyInfo = { host, port, keyType: keyTypeOf(key), key, fingerprint: fingerprint(key), status, file: entry?.file, line: entry?.line }
    const said = await ask(policy.mode, info, policy.patience)
    return said === true ? { accepted: true, add: false } : refuse(`The host key of ${name} (${shown}) was refused: ${said}.`)
  }
  if (finding.status === 'known') return { accepted: true, add: false }
  if (finding.status === 'changed') {
    return refuse(
      `The host key of ${name} has CHANGED: the server shows ${shown}, but ${place(finding)} holds ${finding.entry?.keyType} ${fingerprint(finding.entry?.key ?? Buffer.of())}.`,
      `Somebody may be listening in. If the host was reinstalled, remove the old key: ssh-keygen -R '${name}' -f ${finding.entry?.file}`,
    )
  }
  if (policy.mode === 'accept-new') return { accepted: true, add: true }
  const port = policy.port === 22 ? '' : `-p ${policy.port} `
  return refuse(
    `The host key of ${name} (${shown}) is unknown.`,
    `Compare that fingerprint with the server's, then: ssh-keyscan ${port}${policy.host} >> ${policy.file}   (or hostKeys: 'accept-new', or hostKeyFingerprint)`,
  )
}

/** Only offered where the user wants it and an authority is known for the host. The key inside must not be revoked. */
function judgeCertificate(blob: Uint8Array, policy: HostKeyPolicy): HostKeyVerdict {
  const name = knownHostName(policy.host, policy.port)
  const certificate = readableCertificate(blob)
  if (certificate === undefined) return { accepted: false, error: new TransportError('HOST_KEY_REJECTED', `The host certificate of ${name} cannot be read.`) }
  const finding = findHostKey(policy.entries, policy.host, policy.port, certificate.publicKey)
  const refuse = (why: string, hint?: string): HostKeyVerdict => ({
    accepted: false,
    error: rejection(certificate.publicKey, finding, `The host certificate '${certificate.keyId}' of ${name} is not accepted: ${why}.`, hint),
  })
  if (finding.status === 'revoked') return refuse(`its key is revoked by ${place(finding)}`)
  const authority = authoritiesOf(policy.entries, policy.host, policy.port).find(({ key }) => key.equals(certificate.authority))
  if (authority === undefined) return refuse(`no @cert-authority for this host has the key ${fingerprint(certificate.authority)}`)
  const problem = hostCertificateProblem(certificate, policy.host, policy.now())
  if (problem !== undefined) return refuse(problem, `It was signed by the authority of ${authority.file}:${authority.line}.`)
  return { accepted: true, add: false }
}

function place(finding: HostKeyFinding): string {
  return finding.entry === undefined ? 'known_hosts' : `${finding.entry.file}:${finding.entry.line}`
}

function rejection(key: Uint8Array, finding: HostKeyFinding, message: string, hint: string | undefined): TransportError {
  const where = finding.entry === undefined ? {} : { file: finding.entry.file, line: finding.entry.line }
  return new TransportError('HOST_KEY_REJECTED', message, { hint, details: { fingerprint: fingerprint(key), keyType: keyTypeOf(key), reason: finding.status, ...where } })
}

function samePin(pin: string, key: Uint8Array): boolean {
  const plain = pin.trim().replace(/=+$/, '')
  return plain === fingerprint(key) || `SHA256:${plain}` === fingerprint(key) || plain.toLowerCase() === fingerprintMd5(key).toLowerCase()
}

/** true, or why not. Whatever the function does (null, undefined, 1, a rejection, silence), only `true` is true. */
async function ask(check: HostKeyCheck, info: HostKeyInfo, patience: number): Promise<true | string> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<string>((settle) => {
    timer = setTimeout(settle, patience, 'the hostKeys function gave no answer in time')
  })
  const answer = (async () => {
    const said: unknown = await check(info) // unknown: it is somebody's JavaScript, whatever its type says
    return said === true ? true : 'the hostKeys function did not return true'
  })().catch((cause: unknown) => `the hostKeys function failed: ${cause instanceof Error ? cause.message : String(cause)}`)
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
  }
}
