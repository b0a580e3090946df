// From options to a list of attempts: explicit keys first, then the agent, then a password; what was not asked for only where nothing was.
import ssh2 from 'ssh2'
import type { AnyAuthMethod, ParsedKey, Prompt, SignCallback, SigningRequestOptions } from 'ssh2'
import { agentKeys, agentSign, rsaFlag } from './agent.js'
import type { Attempt } from './auth.js'
import { defaultIdentityFiles, parsePrivateKey, readKeyFile } from './identities.js'

export interface Credentials {
  readonly user: string
  readonly keyFiles: readonly string[]
  readonly privateKey: string | undefined
  readonly passphrase: string | undefined
  readonly password: string | undefined
  /** Its socket. */
  readonly agent: string | undefined
  /** The agent was named by the caller, not found in the environment. */
  readonly agentIsExplicit: boolean
  readonly identitiesOnly: boolean
  prompt(question: { readonly message: string; readonly echo: boolean }): Promise<string>
  readonly signal: AbortSignal
  /** The agent did not sign: why. */
  remark(why: string): void
  /** Nobody answered the server's question; the login is over. */
  readonly unanswered: (cause: unknown) => void
}

export function attemptsOf(given: Credentials): Attempt[] {
  const attempts: Attempt[] = []
  if (given.privateKey !== undefined) attempts.push(keyAttempt(given, 'the given privateKey', () => Promise.resolve({ text: Buffer.from(given.privateKey ?? '') })))
  for (const path of given.keyFiles) attempts.push(keyAttempt(given, `key ${path}`, () => readKeyFile(path)))
  const explicit = attempts.length > 0
  const { agent, password } = given
  if (agent !== undefined && !given.identitiesOnly && (given.agentIsExplicit || password === undefined || explicit)) attempts.push(agentAttempt(given, agent))
  if (!explicit && password === undefined && !given.identitiesOnly) attempts.push(...defaultIdentityFiles.map((path) => defaultKeyAttempt(given, path)))
  if (password !== undefined) attempts.push({ method: 'password', label: 'password', prepare: () => Promise.resolve({ type: 'password', username: given.user, password }) })
  attempts.push(keyboardAttempt(given))
  return attempts
}

type Loader = () => ReturnType<typeof readKeyFile>

function keyAttempt(given: Credentials, label: string, load: Loader): Attempt {
  return {
    method: 'publickey',
    label,
    async prepare() {
      const loaded = await load()
      if ('problem' in loaded) return loaded.problem
      let parsed = parsePrivateKey(loaded.text, given.passphrase)
      if ('problem' in parsed && parsed.encrypted && given.passphrase === undefined) {
        const { problem } = parsed
        const passphrase = await given.prompt({ message: `Passphrase of ${label}: `, echo: false }).catch(() => undefined)
        if (passphrase === undefined) return problem
        parsed = parsePrivateKey(loaded.text, passphrase)
      }
      return 'problem' in parsed ? parsed.problem : { type: 'publickey', username: given.user, key: parsed.key }
    },
  }
}

/** As any key, but silent where the file does not exist. */
function defaultKeyAttempt(given: Credentials, path: string): Attempt {
  return {
    method: 'publickey',
    label: `key ${path}`,
    async prepare() {
      const loaded = await readKeyFile(path)
      return 'problem' in loaded && loaded.missing ? [] : [keyAttempt(given, `key ${path}`, () => Promise.resolve(loaded))]
    },
  }
}

function agentAttempt(given: Credentials, path: string): Attempt {
  return {
    method: 'publickey',
    label: 'agent',
    async prepare() {
      let keys
      try {
        keys = await agentKeys(path, given.signal)
      } catch (cause) {
        return `${path}: ${cause instanceof Error ? cause.message : String(cause)}`
      }
      const usable = keys.flatMap(({ blob, comment }) => {
        const key = parsePublic(blob)
        return key === undefined ? [] : [{ key, comment }]
      })
      if (usable.length === 0) return 'it holds no keys'
      return usable.map(({ key, comment }) => ({
        method: 'publickey',
        label: `agent's key ${comment}`,
        prepare: () => Promise.resolve({ type: 'agent', username: given.user, agent: new OneKeyAgent(path, key, given) } satisfies AnyAuthMethod),
      }))
    },
  }
}

function parsePublic(blob: Buffer): ParsedKey | undefined {
  const parsed = ssh2.utils.parseKey(blob)
  return parsed instanceof Error ? undefined : parsed
}

/** ssh2 walks through an agent's keys by itself and forgets what the server said; so each key gets an agent of its own. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #path: string
  readonly #key: ParsedKey
  readonly #given: Credentials

  constructor(path: string, key: ParsedKey, given: Credentials) {
    super()
    this.#path = path
    this.#key = key
    this.#given = given
  }

  override getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, [this.#key])
  }

  override sign(_key: ParsedKey, data: Buffer, optionsOrCallback: SigningRequestOptions | SignCallback, callback?: SignCallback): void {
    const done = typeof optionsOrCallback === 'function' ? optionsOrCallback : callback
    const hash = typeof optionsOrCallback === 'function' ? undefined : optionsOrCallback.hash
    const flags = hash === 'sha256' ? rsaFlag.sha256 : hash === 'sha512' ? rsaFlag.sha512 : 0
    agentSign(this.#path, this.#key.getPublicSSH(), data, flags, this.#given.signal).then(
      ({ signature }) => done?.(undefined, signature),
      (cause: Error) => {
        this.#given.remark(`the agent did not sign: ${cause.message}`)
        done?.(cause)
      },
    )
  }
}

/** PAM asks for the password this way; anything else is for the user. A password that was refused once is not sent again. */
function keyboardAttempt(given: Credentials): Attempt {
  return {
    method: 'keyboard-interactive',
    label: 'keyboard-interactive',
    prepare({ more, passwordUsed }) {
      if (passwordUsed && !more) return Promise.resolve('not tried, it asks for the same password again')
      let password = passwordUsed ? undefined : given.password
      const answer = async (question: Prompt): Promise<string> => {
        if (question.echo !== true && password !== undefined) {
          const once = password
          password = undefined
          return once
        }
        return given.prompt({ message: question.prompt, echo: question.echo === true })
      }
      const answerAll = async (prompts: readonly Prompt[]): Promise<string[]> => {
        const answers: string[] = []
        for (const question of prompts) answers.push(await answer(question))
        return answers
      }
      return Promise.resolve({
        type: 'keyboard-interactive',
        username: given.user,
        prompt: (_name, _instructions, _language, prompts, finish) => void answerAll(prompts).then(finish, given.unanswered),
      } satisfies AnyAuthMethod)
    },
  }
}
