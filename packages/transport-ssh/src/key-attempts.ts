// Logins with a key: from text, from files, from an agent, each with the certificates that belong to it. Nothing is read before its turn.
import ssh2 from 'ssh2'
import type { AnyAuthMethod, ParsedKey } from 'ssh2'
import { agentKeys } from './agent.js'
import type { AgentKey } from './agent.js'
import type { Attempt } from './auth.js'
import { certificateProblem, isCertificate, parseCertificate } from './certificate.js'
import type { Certificate } from './certificate.js'
import type { Credentials } from './credentials.js'
import { defaultIdentityFiles, parsePrivateKey, publicPart, readCertificates, readKeyFile } from './identities.js'
import type { KeyText } from './identities.js'
import { certificateAgent, keyAgent } from './one-key-agent.js'
import { agentSigner, keySigner } from './signer.js'
import type { Signer } from './signer.js'

export class KeyAttempts {
  readonly #given: Credentials
  #certificates: Promise<readonly Certificate[]> | undefined
  #agentKeys: Promise<readonly AgentKey[]> | undefined
  /** Public keys and certificates that had their turn, in base64. */
  readonly #tried = new Set<string>()

  constructor(given: Credentials) {
    this.#given = given
  }

  fromText(text: string): Attempt {
    return this.#fromKey('the given privateKey', undefined, () => Promise.resolve({ text: Buffer.from(text) }), false)
  }

  fromFile(path: string): Attempt {
    return this.#fromKey(`key ${path}`, path, () => readKeyFile(path), false)
  }

  fromOptionalFile(path: string): Attempt {
    return this.#fromKey(`key ${path}`, path, () => readKeyFile(path), true)
  }

  defaults(): Attempt[] {
    return defaultIdentityFiles.map((path) => this.fromOptionalFile(path))
  }

  fromAgent(path: string): Attempt {
    return {
      method: 'publickey',
      label: 'agent',
      prepare: async () => {
        let keys
        try {
          keys = await this.#heldByAgent(path)
        } catch (cause) {
          return `${path}: ${cause instanceof Error ? cause.message : String(cause)}`
        }
        const attempts = keys.filter(({ blob }) => !this.#tried.has(blob.toString('base64'))).flatMap((key) => this.#agentKey(path, key))
        if (attempts.length > 0) return attempts
        return keys.length === 0 ? 'it holds no keys' : []
      },
    }
  }

  #fromKey(label: string, path: string | undefined, load: () => Promise<KeyText>, optional: boolean): Attempt {
    const prepare = async (): Promise<readonly Attempt[] | string> => {
      const loaded = await load()
      if ('problem' in loaded) {
        const held = await this.#sameKeyInAgent(await publicPart(undefined, path))
        return held.length > 0 ? held : optional && loaded.missing ? [] : loaded.problem
      }
      let parsed = parsePrivateKey(loaded.text, this.#given.passphrase)
      if ('problem' in parsed && parsed.encrypted) {
        const held = await this.#sameKeyInAgent(await publicPart(loaded.text, path))
        if (held.length > 0) return held
        if (this.#given.passphrase !== undefined) return parsed.problem
        const { problem } = parsed
        const passphrase = await this.#given.prompt({ message: `Passphrase of ${label}: `, echo: false }).catch(() => undefined)
        if (passphrase === undefined) return problem
        parsed = parsePrivateKey(loaded.text, passphrase)
      }
      return 'problem' in parsed ? parsed.problem : this.#withCertificates(label, parsed.key, path)
    }
    return { method: 'publickey', label, prepare }
  }

  /** The certificates first: a server that takes them may not know the plain key. */
  async #withCertificates(label: string, key: ParsedKey, path: string | undefined): Promise<readonly Attempt[]> {
    const blob = key.getPublicSSH()
    this.#tried.add(blob.toString('base64'))
    this.#certificates ??= readCertificates(this.#given.certificateFiles)
    const beside = path === undefined ? [] : await readCertificates([`${path}-cert.pub`])
    const own = [...(await this.#certificates), ...beside].filter(({ publicKey }) => publicKey.equals(blob))
    const plain: Attempt = { method: 'publickey', label, prepare: () => Promise.resolve({ type: 'publickey', username: this.#given.user, key }) }
    return [...own.map((certificate) => this.#certificate(`certificate '${certificate.keyId}' of ${label}`, certificate, keySigner(key))), plain]
  }

  #certificate(label: string, certificate: Certificate, signer: Signer): Attempt {
    const { user, client, remark, now } = this.#given
    const prepare = (): Promise<AnyAuthMethod | string> => {
      const problem = certificateProblem(certificate, 'user', now())
      if (problem !== undefined) return Promise.resolve(problem)
      const plain = ssh2.utils.parseKey(certificate.publicKey)
      if (plain instanceof Error) return Promise.resolve(plain.message)
      const agent = certificateAgent(certificate, plain, signer, client, (why) => remark(`not signed: ${why}`))
      return Promise.resolve({ type: 'agent', username: user, agent })
    }
    return { method: 'publickey', label, prepare }
  }

  #agentKey(path: string, { blob, comment }: AgentKey): Attempt[] {
    const { user, signal, remark } = this.#given
    const label = `agent's key ${comment}`
    const signer = agentSigner(path, blob, signal)
    this.#tried.add(blob.toString('base64'))
    if (isCertificate(blob)) {
      try {
        return [this.#certificate(`agent's certificate ${comment}`, parseCertificate(blob), signer)]
      } catch {
        return [] // of a type that ssh2 cannot use
      }
    }
    const key = ssh2.utils.parseKey(blob)
    if (key instanceof Error) return [] // the same
    const agent = keyAgent(key, signer, (why) => remark(`the agent did not sign: ${why}`))
    return [{ method: 'publickey', label, prepare: () => Promise.resolve({ type: 'agent', username: user, agent }) }]
  }

  /** A locked key file whose key the agent has open. */
  async #sameKeyInAgent(blob: Buffer | undefined): Promise<Attempt[]> {
    const { agent } = this.#given
    if (blob === undefined || agent === undefined) return []
    const keys = await this.#heldByAgent(agent).catch(() => [])
    return keys.filter((key) => key.blob.equals(blob)).flatMap((key) => this.#agentKey(agent, key))
  }

  #heldByAgent(path: string): Promise<readonly AgentKey[]> {
    this.#agentKeys ??= agentKeys(path, this.#given.signal)
    return this.#agentKeys
  }
}
