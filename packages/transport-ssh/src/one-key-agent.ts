// What ssh2 takes for an agent: one identity, signed by whoever can. ssh2 walks through an agent's keys by itself and forgets what the server
// said, so each key gets an agent of its own. And a certificate can only be used this way: ssh2 writes the certificate's type into the
// signature, where the plain key's belongs, so we send that last message ourselves.
import ssh2 from 'ssh2'
import type { Client, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'
import type { Certificate } from './certificate.js'
import type { Hash, Signer } from './signer.js'
import { sendPublicKeyRequest } from './ssh2-internals.js'

interface SignatureAlgorithm {
  readonly name: string
  readonly hash: Hash | undefined
}

interface Wanted {
  readonly keys: ParsedKey[]
  readonly signer: Signer
  /** How the signature names its algorithm, where it is not ssh2 that sends it. */
  readonly own?: { readonly client: () => Client; algorithm(key: ParsedKey): SignatureAlgorithm }
  readonly failed: (why: string) => void
}

class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #wanted: Wanted

  constructor(wanted: Wanted) {
    super()
    this.#wanted = wanted
  }

  override getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, this.#wanted.keys)
  }

  override sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
    const { signer, own, failed } = this.#wanted
    const done = typeof options === 'function' ? options : callback
    const asked = typeof options === 'function' ? undefined : options.hash
    const algorithm = own?.algorithm(key)
    const hash = own === undefined ? (asked === 'sha256' || asked === 'sha512' ? asked : undefined) : algorithm?.hash
    signer.sign(data, hash).then(
      (signature) => {
        // Calling back would make ssh2 send a second, wrong request.
        if (own === undefined || algorithm === undefined) done?.(undefined, signature)
        else sendPublicKeyRequest(own.client(), data, algorithm.name, signature)
      },
      (cause: Error) => {
        failed(cause.message)
        done?.(cause)
      },
    )
  }
}

export function keyAgent(key: ParsedKey, signer: Signer, failed: (why: string) => void): ssh2.BaseAgent {
  return new OneKeyAgent({ keys: [key], signer, failed })
}

/** For RSA the server chooses between two hashes: two identities, the stronger first. */
export function certificateAgent(
  certificate: Certificate,
  plain: ParsedKey,
  signer: Signer,
  client: () => Client,
  failed: (why: string) => void,
): ssh2.BaseAgent {
  const rsa = certificate.baseType === 'ssh-rsa'
  const types = rsa ? ['rsa-sha2-512-cert-v01@openssh.com', 'rsa-sha2-256-cert-v01@openssh.com'] : [certificate.type]
  // ssh2 asks parsed keys for their type and blob alone; the prototype is what it recognises them by.
  const keys = types.map((type) => {
    const key: unknown = Object.create(plain, { type: { value: type }, getPublicSSH: { value: () => certificate.blob } })
    return key as ParsedKey // made of one
  })
  const algorithm = (key: ParsedKey): SignatureAlgorithm => {
    if (!rsa) return { name: certificate.baseType, hash: undefined }
    return keys.indexOf(key) === 0 ? { name: 'rsa-sha2-512', hash: 'sha512' } : { name: 'rsa-sha2-256', hash: 'sha256' }
  }
  return new OneKeyAgent({ keys, signer, own: { client, algorithm }, failed })
}
