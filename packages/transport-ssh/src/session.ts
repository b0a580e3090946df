// A logged-in connection as the session that core works with.
import type { Address, CallContext, DeclaredCapabilities, ExecEvent, ExecRequest, Session, ShellStream, Terminal } from '@train-ts/core'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { ChannelStream } from './channel-stream.js'
import { forwardError } from './errors.js'
import { exec } from './exec.js'
import { destroyed } from './handshake.js'
import { failureOf } from './link.js'
import { listen } from './listen.js'
import type { Link } from './link.js'
import { createSftpChannel } from './sftp/channel.js'
import { createSftpFiles } from './sftp/files.js'
import { openChannel, startProcess } from './open-channel.js'
import type { Hop, Route } from './route.js'
import { serverSoftware } from './ssh2-internals.js'

export interface SessionSettings {
  readonly host: string
  readonly maxSessions: number
  /** Every command gets one, asked for or not. */
  readonly alwaysTerminal: boolean
  readonly loginCommand: readonly string[]
}

/** How long a polite goodbye may take. */
const closePatience = 500

/**
 * MAX_ARG_STRLEN of Linux, less the terminating zero: sshd gives the whole command to the login shell as one argument. Other servers need
 * not take packets beyond 35,000 bytes (RFC 4253 §6.1), and dropbear and ssh2's hang up.
 */
function longestCommand(software: string): number {
  return software.startsWith('OpenSSH_') ? 131_071 : 32_000
}

const usualTerminal: Terminal = { columns: 80, rows: 24, term: 'xterm' }

/** A session of ours can always forward, if the server lets it. */
export type SshSession = Session<Client> & Hop

export function createSession(link: Link, route: Route, settings: SessionSettings): SshSession {
  const { client } = link
  const capabilities: DeclaredCapabilities = {
    stderr: !settings.alwaysTerminal,
    exitCode: true,
    stdin: 'live',
    streaming: true,
    kill: 'none',
    binary: true,
    privateInput: true,
    pty: true,
    concurrency: settings.maxSessions,
    limits: { command: longestCommand(serverSoftware(client)), stdin: Infinity, stdout: Infinity, stderr: Infinity },
  }
  const sftp = createSftpChannel(link)

  async function forward(to: Address, { signal }: CallContext): Promise<Duplex> {
    const name = 'path' in to ? to.path : `${to.host}:${to.port}`
    return openChannel(link, signal, (opened) => {
      if ('path' in to) client.openssh_forwardOutStreamLocal(to.path, opened)
      else client.forwardOut('127.0.0.1', 0, isFarSide(to.host, settings.host) ? 'localhost' : to.host, to.port, opened)
    }, (channel) => new ChannelStream(channel, link, 'while a forwarded connection was open')).catch((cause: unknown) => {
      throw signal.aborted ? cause : (failureOf(link, `while a connection to ${name} was opened`) ?? forwardError(name, cause))
    })
  }

  async function shell(terminal: Terminal, { signal }: CallContext): Promise<ShellStream> {
    return startProcess(link, signal, undefined, terminal, (channel) => new ChannelStream(channel, link, 'while the shell was open'))
  }

  let closed: Promise<void> | undefined
  async function end(): Promise<void> {
    link.closing = true
    sftp.close()
    client.end()
    const goodbye = new Promise<void>((settle) => {
      if (link.dead) return settle()
      const timer = setTimeout(settle, closePatience)
      client.once('close', () => {
        clearTimeout(timer)
        settle()
      })
    })
    await goodbye
    await destroyed(client, route.stream)
    await route.close()
  }

  return {
    capabilities,
    native: client,
    exec: (request: ExecRequest): AsyncIterable<ExecEvent> => exec(link, settings.alwaysTerminal ? { ...request, pty: request.pty ?? usualTerminal } : request),
    close: () => (closed ??= end()),
    files: createSftpFiles((signal) => sftp.connect(signal)),
    forward,
    listen: (on, context) => listen(link, on, context),
    shell,
    loginCommand: () => settings.loginCommand,
  }
}

/** '', 'localhost' and the target's own name are the far side itself. */
function isFarSide(host: string, target: string): boolean {
  return host === '' || host.toLowerCase() === 'localhost' || host.toLowerCase() === target.toLowerCase()
}
