// connect: name, files, socket, host key, login. Each step releases what it took when a later one fails.
import { userInfo } from 'node:os'
import type { OpenContext, Session } from '@train-ts/core'
import type { Client } from 'ssh2'
import { algorithmsFor } from './algorithms.js'
import { attemptsOf } from './attempts.js'
import { createAuthenticator } from './auth.js'
import { connectError } from './errors.js'
import { handshake } from './handshake.js'
import type { LoginAbort } from './handshake.js'
import { judgeHostKey } from './host-key.js'
import type { HostKeyPolicy } from './host-key.js'
import { addKnownHost, defaultKnownHostsFiles, expandHome, readKnownHosts } from './known-hosts-files.js'
import { knownKeyTypes } from './known-hosts.js'
import type { Link } from './link.js'
import type { SshOptions } from './options.js'
import { createSession } from './session.js'

/** A person may be asked, and sshd itself waits this long for a login. */
const hostKeyPatience = 120_000

export async function open(options: Readonly<SshOptions>, context: OpenContext): Promise<Session<Client>> {
  const { host } = options
  const port = options.port ?? 22
  const user = options.user ?? userInfo().username
  const where = `${host}:${port}`
  const files = options.knownHosts?.map(expandHome) ?? defaultKnownHostsFiles()
  const entries = await readKnownHosts(files)
  const policy: HostKeyPolicy = { host, port, mode: options.hostKeys, pinned: options.hostKeyFingerprint, entries, file: files[0] ?? '~/.ssh/known_hosts', patience: hostKeyPatience }
  const abort: LoginAbort = { fail: undefined }
  const agent = options.agent === false ? undefined : typeof options.agent === 'string' ? expandHome(options.agent) : process.env['SSH_AUTH_SOCK']
  const attempts = attemptsOf({
    user,
    keyFiles: options.keyFiles ?? [],
    privateKey: options.privateKey?.reveal(),
    passphrase: options.passphrase?.reveal(),
    password: options.password?.reveal(),
    agent: agent === '' ? undefined : agent,
    agentIsExplicit: typeof options.agent === 'string' || options.agent === true,
    identitiesOnly: options.identitiesOnly,
    prompt: (question) => context.prompt(question),
    signal: context.signal,
    remark: (why) => authenticator.remark(why),
    unanswered: (cause) => abort.fail?.(authenticator.error(where, cause)),
  })
  const authenticator = createAuthenticator(user, attempts)

  const stream = await context.dial(host, port, context).catch((cause: unknown) => {
    throw context.signal.aborted ? cause : connectError(where, cause)
  })
  const { client, lastError, onClosed } = await handshake(
    stream,
    {
      where,
      user,
      algorithms: algorithmsFor(knownKeyTypes(entries, host, port)),
      authenticator,
      judge: (key) => judgeHostKey(key, policy),
      remember: async (key) => {
        await addKnownHost(policy.file, host, port, key)
        context.notice({ code: 'host-key-added', message: `The host key of ${where} was new and is now in ${policy.file}.` })
      },
      keepaliveInterval: options.keepalive ? options.keepaliveInterval : 0,
      keepaliveCountMax: options.keepaliveCountMax,
      signal: context.signal,
      banner: (message) => context.notice({ code: 'banner', message }),
    },
    abort,
  )
  const link: Link = { client, closing: false, dead: false, lastError }
  onClosed(() => {
    link.dead = true
    if (!link.closing) context.lost(lastError() ?? new Error('the far side closed the connection'))
  })
  return createSession(link, stream, { host, maxSessions: options.maxSessions, loginCommand: loginCommand(options, host, port, user) })
}

/** argv for a person's terminal; no secret in it. */
function loginCommand(options: Readonly<SshOptions>, host: string, port: number, user: string): string[] {
  const keys = (options.keyFiles ?? []).flatMap((file) => ['-i', file])
  return ['ssh', '-p', String(port), ...keys, '-l', user, '--', host]
}
