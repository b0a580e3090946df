// connect: settings, known hosts, route, host key, login. Each step releases what it took when a later one fails.
import { TransportError, isTransportError } from '@train-ts/core'
import type { OpenContext, Session } from '@train-ts/core'
import type { Client, ClientChannel } from 'ssh2'
import { algorithmsOf } from './algorithms.js'
import { attemptsOf } from './attempts.js'
import { createAuthenticator } from './auth.js'
import { connectError } from './errors.js'
import { handshake } from './handshake.js'
import type { Login } from './handshake.js'
import { judgeHostKey } from './host-key.js'
import type { HostKeyPolicy } from './host-key.js'
import { addKnownHost, readKnownHosts } from './known-hosts-files.js'
import { authoritiesOf, knownKeyTypes } from './known-hosts.js'
import type { Link } from './link.js'
import { createSpareChannels } from './spare.js'
import { openSessionChannel } from './ssh2-internals.js'
import { loginCommand } from './login-command.js'
import type { SshOptions } from './options.js'
import { reach } from './route.js'
import type { OpenHop } from './route.js'
import { createSession } from './session.js'
import type { SshSession } from './session.js'
import { settle } from './settings.js'
import type { Settings } from './settings.js'
import { pause, withDeadline } from './time.js'

/** A person may be asked, and sshd itself waits this long for a login. */
const hostKeyPatience = 120_000

export async function open(options: Readonly<SshOptions>, context: OpenContext): Promise<Session<Client>> {
  const settings = await settle(options)
  for (let left = settings.retries; ; left--) {
    try {
      return await openOnce(options, settings, context, 0)
    } catch (cause) {
      // Nothing else is tried again: a login that is refused would lock the account.
      if (left <= 0 || !isTransportError(cause, 'CONNECT_FAILED') || !cause.retryable || context.signal.aborted) throw cause
      await pause(options.connectionRetrySleep, context.signal)
    }
  }
}

async function openOnce(options: Readonly<SshOptions>, settings: Settings, context: OpenContext, depth: number): Promise<SshSession> {
  const { connectTimeout } = settings
  if (connectTimeout === undefined) return openWithin(options, settings, context, depth)
  const late = new TransportError('TIMEOUT', `${settings.host} did not let us in within the ConnectTimeout of ssh_config.`, { details: { phase: 'connect', timeout: connectTimeout } })
  return withDeadline(context.signal, connectTimeout, late, (signal) => openWithin(options, settings, { ...context, signal }, depth))
}

async function openWithin(options: Readonly<SshOptions>, settings: Settings, context: OpenContext, depth: number): Promise<SshSession> {
  const { hostName, port, user, knownAs } = settings
  const where = `${hostName.includes(':') ? `[${hostName}]` : hostName}:${port}`
  const entries = await readKnownHosts(settings.knownHosts)
  const policy: HostKeyPolicy = {
    ...knownAs,
    mode: settings.hostKeys,
    pinned: options.hostKeyFingerprint,
    entries,
    file: settings.knownHosts[0] ?? '~/.ssh/known_hosts',
    smallestRsa: settings.requiredRsaSize,
    now: Date.now,
    patience: hostKeyPatience,
  }
  const login: Login = { fail: () => undefined, client: undefined }
  const prompt: OpenContext['prompt'] = (question) =>
    settings.nonInteractive ? Promise.reject(new TransportError('AUTH_FAILED', `Nobody may be asked for '${question.message}'.`)) : context.prompt(question)
  const attempts = attemptsOf({
    ...settings,
    privateKey: options.privateKey?.reveal(),
    passphrase: options.passphrase?.reveal(),
    password: options.password?.reveal(),
    methods: settings.authMethods,
    prompt,
    signal: context.signal,
    now: Date.now,
    client: () => {
      if (login.client === undefined) throw new Error('Not connected')
      return login.client
    },
    remark: (why) => authenticator.remark(why),
    unanswered: (cause) => login.fail(authenticator.error(where, cause)),
  })
  const authenticator = createAuthenticator(user, attempts)

  const openHop: OpenHop = async (hop, hopContext, hops) => openOnce(hop, await settle(hop), hopContext, hops)
  const certificates = settings.hostCertificates && authoritiesOf(entries, knownAs.host, knownAs.port).length > 0
  const route = await reach(options, settings, context, openHop, depth).catch((cause: unknown) => {
    throw context.signal.aborted ? cause : connectError(where, cause)
  })
  try {
    const { client, lastError, onClosed } = await handshake(route.stream, login, {
      where,
      user,
      algorithms: algorithmsOf(settings.algorithms, knownKeyTypes(entries, knownAs.host, knownAs.port), settings.compression, certificates),
      authenticator,
      judge: (key) => judgeHostKey(key, policy),
      remember: async (key) => {
        await addKnownHost(policy.file, knownAs.host, knownAs.port, key, settings.hashKnownHosts)
        context.notice({ code: 'host-key-added', message: `The host key of ${where} was new and is now in ${policy.file}.` })
      },
      keepaliveInterval: settings.keepaliveInterval,
      keepaliveCountMax: settings.keepaliveCountMax,
      agentToForward: settings.forwardAgent ? settings.agent : undefined,
      signal: context.signal,
      banner: (message) => context.notice({ code: 'banner', message }),
    })
    const forwardAgent = settings.forwardAgent && settings.agent !== undefined
    const { environment } = settings
    const link: Link = { client, user, where, environment, forwardAgent, lastError, ...freshState(client) }
    onClosed(() => {
      link.dead = true
      if (link.closing) return
      context.lost(lastError() ?? new Error('the far side closed the connection'))
      void route.close()
    })
    const { host } = options
    return createSession(link, route, { host, maxSessions: options.maxSessions, alwaysTerminal: options.pty, loginCommand: loginCommand(options, settings) })
  } catch (cause) {
    await route.close()
    throw cause
  }
}

function freshState(client: Client): Pick<Link, 'closing' | 'dead' | 'heard' | 'lastClosed' | 'running' | 'spares'> {
  const spares = createSpareChannels((opened) => {
    try {
      openSessionChannel(client, (error, channel) => opened(error === undefined || error === null ? quiet(channel) : undefined))
    } catch {
      opened(undefined) // not connected any more
    }
  })
  return { closing: false, dead: false, heard: false, lastClosed: -Infinity, running: 0, spares }
}

/** Late errors of a channel that nobody holds. */
function quiet(channel: ClientChannel): ClientChannel {
  channel.on('error', () => undefined)
  channel.stderr.on('error', () => undefined)
  return channel
}
