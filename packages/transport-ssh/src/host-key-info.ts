/** One offered host key, for a `hostKeys` function. */
export interface HostKeyInfo {
  readonly host: string
  readonly port: number
  readonly keyType: string
  readonly key: Uint8Array
  /** `SHA256:…` */
  readonly fingerprint: string
  /** What known_hosts says. A revoked key is never asked about. */
  readonly status: 'known' | 'unknown' | 'changed'
  /** The known_hosts line that decided the status. */
  readonly file: string | undefined
  readonly line: number | undefined
}

/** Only `true` accepts; anything else, a rejection and two minutes of silence refuse. */
export type HostKeyCheck = (info: HostKeyInfo) => boolean | Promise<boolean>

export type HostKeyMode = 'strict' | 'accept-new' | HostKeyCheck
