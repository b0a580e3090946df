// From a byte stream to a logged-in ssh2 client. Rejects with the first thing that went wrong, and leaves no socket behind.
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { TransportError } from '@train-ts/core'
import ssh2 from 'ssh2'
import type { Algorithms, Client } from 'ssh2'
import type { Authenticator } from './auth.js'
import { readableCertificate } from './certificate.js'
import { asError, connectError } from './errors.js'
import type { HostKeyVerdict } from './host-key.js'
import { guard, observeRejections, setNoDelay, useHostCertificate } from './ssh2-internals.js'

export interface HandshakeSettings {
  /** host:port, for messages. */
  readonly where: string
  readonly user: string
  readonly algorithms: Algorithms
  readonly authenticator: Authenticator
  judge(key: Buffer): Promise<HostKeyVerdict>
  /** The host key was new and accepted, and the server has proved that it holds it. */
  remember(key: Buffer): Promise<void>
  readonly keepaliveInterval: number
  readonly keepaliveCountMax: number
  /** Socket of the agent that the far side may use. */
  readonly agentToForward: string | undefined
  readonly signal: AbortSignal
  readonly banner: (text: string) => void
}

export interface LoggedIn {
  readonly client: Client
  /** What ended the connection, as far as it is known. */
  readonly lastError: () => unknown
  /** Calls back when the connection has died, also where it already has. */
  readonly onClosed: (closed: () => void) => void
}

/** What others need of the login under way. */
export interface Login {
  /** Ends it with this error. */
  fail: (error: TransportError) => void
  client: Client | undefined
}

type Stage = 'greeting' | 'key exchange' | 'login' | 'done'

export async function handshake(stream: Duplex, login: Login, settings: HandshakeSettings): Promise<LoggedIn> {
  const client = new ssh2.Client()
  client.setMaxListeners(0) // one for each stream over it
  const { where, authenticator, signal } = settings
  let stage: Stage = 'greeting'
  let last: unknown
  let closed = false
  let accepted: { readonly key: Buffer; readonly add: boolean } | undefined
  setNoDelay(stream)

  const loggedIn = new Promise<void>((settle, fail) => {
    const stop = (): void => fail(signal.reason)
    login.fail = fail
    login.client = client
    signal.addEventListener('abort', stop, { once: true })
    const finished = (): void => signal.removeEventListener('abort', stop)

    // Never removed: ssh2 may report errors at any time, and one without a listener ends the process.
    client.on('error', (cause: Error & { readonly level?: string }) => {
      if (cause.level === 'agent') return // one key of an agent; the next attempt follows
      last = cause
      fail(loginError(cause))
    })
    client.on('handshake', () => {
      if (stage === 'greeting' || stage === 'key exchange') stage = 'login'
    })
    client.on('ready', () => {
      stage = 'done'
      finished()
      settle()
    })
    client.on('close', () => {
      closed = true
      finished()
      fail(closedError())
    })
    client.on('banner', settings.banner)
    client.on('change password', () => {
      fail(new TransportError('AUTH_FAILED', `The password of ${settings.user} at ${where} has expired.`, { hint: 'Log in with ssh once and change it.', details: { reason: 'password-expired' } }))
    })

    function loginError(cause: unknown): TransportError {
      const error = asError(cause)
      const refused = stage === 'login' && (error.code === 14 || /authentication fail/i.test(error.message)) // 14: RFC 4250, no more auth methods
      return refused ? authenticator.error(where, cause) : connectError(where, cause)
    }

    function closedError(): TransportError {
      if (stage === 'login') {
        return new TransportError('CONNECT_FAILED', `${where} closed the connection during the login as ${settings.user}.`, { hint: 'Its log says why: the account may be locked, or the time for a login was over.' })
      }
      return new TransportError('CONNECT_FAILED', `${where} closed the connection during the ${stage === 'greeting' ? 'SSH greeting' : 'key exchange'}.`)
    }

    client.connect({
      sock: stream,
      username: settings.user,
      readyTimeout: 0, // the signal says when it is enough
      keepaliveInterval: settings.keepaliveInterval,
      keepaliveCountMax: settings.keepaliveCountMax,
      algorithms: settings.algorithms,
      ...(settings.agentToForward === undefined ? {} : { agent: settings.agentToForward }),
      strictVendor: false,
      // ssh2 takes everything but `false` for yes: so nothing but a comparison with true is ever passed on. Asked again at each rekey.
      hostVerifier: (key: Buffer, answer: (permitted: boolean) => void): void => {
        if (stage === 'greeting') stage = 'key exchange'
        // Now, whatever is decided about it later: ssh2 may check the signature before that.
        const certificate = readableCertificate(key)
        if (certificate !== undefined) useHostCertificate(client, certificate)
        if (accepted !== undefined) {
          const same = accepted.key.equals(key)
          if (!same) fail(new TransportError('HOST_KEY_REJECTED', `${where} showed another host key when the keys were renewed.`))
          return answer(same)
        }
        const reply = (permitted: boolean): void => {
          if (last === undefined && !stream.destroyed) answer(permitted)
        }
        settings.judge(Buffer.from(key)).then(
          (verdict) => {
            if (verdict.accepted) {
              accepted = { key: Buffer.from(key), add: verdict.add }
            } else {
              fail(verdict.error)
            }
            reply(verdict.accepted)
          },
          (cause: unknown) => {
            fail(cause)
            reply(false)
          },
        )
      },
      authHandler: (_offered, _partial, next) => {
        authenticator.next().then(
          (method) => {
            if (stream.destroyed || last !== undefined) return
            if (method === undefined) fail(authenticator.error(where))
            else next(method)
          },
          (cause: unknown) => fail(cause),
        )
      },
    })
    // After connect(), which makes what these two wrap; before any byte is read.
    guard(client, (complaint) => {
      last = new TransportError('PROTOCOL_ERROR', `The SSH server at ${where} broke the protocol: ${complaint}.`, { hint: 'It is faulty, or hostile. The connection was closed.' })
      fail(last)
      stream.destroy()
    })
    observeRejections(client, (offered, partial) => authenticator.rejected(offered, partial))
    if (signal.aborted) stop()
  })

  try {
    await loggedIn
    if (accepted?.add === true) await settings.remember(accepted.key)
  } catch (cause) {
    await destroyed(client, stream)
    throw cause
  }
  const onClosed = (callback: () => void): void => {
    if (closed) queueMicrotask(callback)
    else client.on('close', callback)
  }
  return { client, lastError: () => last, onClosed }
}

/** Resolves when the stream is closed. */
export async function destroyed(client: Client, stream: Duplex): Promise<void> {
  client.destroy()
  stream.destroy()
  if (!stream.closed) await once(stream, 'close').catch(() => undefined)
}
