// Channels as promises that an abort ends, and that never leak what they no longer want.
import { TransportError } from '@train-ts/core'
import type { Terminal } from '@train-ts/core'
import type { ClientChannel } from 'ssh2'
import { sessionChannelError } from './errors.js'
import { failureOf } from './link.js'
import type { Link } from './link.js'
import { pause } from './time.js'
import { openSessionChannel, requestAgentForwarding, requestExec, requestShell, requestSubsystem, requestTerminal, sendVariable } from './ssh2-internals.js'
import type { Answered, ChannelOpened } from './ssh2-internals.js'

/** How long an aborted opening waits for the server's word, so that the slot is free again when it rejects. */
const leavePatience = 1000

/**
 * Resolves with what `attach` makes of the channel, at once, before ssh2 reads on: a later listener would miss an exit that came in the
 * same packet. Aborted: closes the channel as soon as it is there, and rejects then.
 */
export function openChannel<Attached>(
  link: Link,
  signal: AbortSignal,
  request: (opened: ChannelOpened) => void,
  attach: (channel: ClientChannel) => Attached,
): Promise<Attached> {
  return new Promise((settle, fail) => {
    if (signal.aborted) return fail(signal.reason)
    let timer: NodeJS.Timeout | undefined
    const stop = (): void => {
      timer = setTimeout(() => fail(signal.reason), leavePatience)
    }
    signal.addEventListener('abort', stop, { once: true })
    const opened: ChannelOpened = (error, channel) => {
      signal.removeEventListener('abort', stop)
      clearTimeout(timer)
      if (error !== undefined && error !== null) return fail(signal.aborted ? signal.reason : error)
      // Late errors of a channel have nobody else to listen to them.
      channel.on('error', () => undefined)
      channel.stderr.on('error', () => undefined)
      if (!signal.aborted) return settle(attach(channel))
      leave(channel)
      fail(signal.reason)
    }
    const gone = failureOf(link, 'before the channel was opened')
    if (gone !== undefined) return opened(gone, undefined as unknown as ClientChannel) // with an error the channel is not looked at
    try {
      request(opened)
    } catch (cause) {
      opened(cause as Error, undefined as unknown as ClientChannel) // ssh2 throws 'Not connected'; with an error the channel is not looked at
    }
  })
}

/** A closed channel counts against MaxSessions until sshd has seen its process end; only then does a refusal mean that others hold the slots. */
const lingering = 500
const longestWait = 200

/** Closes it; what it still says is dropped. */
export function leave(channel: ClientChannel): void {
  channel.close()
  channel.resume()
  channel.stderr.resume()
}

/** Runs a command, or a login shell where there is none, on a channel of its own. Aborted before it was asked for: nothing ran. */
export async function startProcess<Attached>(
  link: Link,
  signal: AbortSignal,
  command: string | undefined,
  terminal: Terminal | undefined,
  attach: (channel: ClientChannel) => Attached,
): Promise<Attached> {
  const { client } = link
  const { channel, attached } = await sessionChannel(link, signal, (opened) => ({ channel: opened, attached: attach(opened) }))
  try {
    if (link.forwardAgent) requestAgentForwarding(client, channel)
    for (const [name, value] of link.environment) sendVariable(client, channel, name, value)
    if (terminal !== undefined) {
      await answer(link, signal, 'to give a terminal', 'Its configuration forbids it: PermitTTY.', (answered) => requestTerminal(client, channel, terminal, answered))
    }
    await answer(link, signal, command === undefined ? 'to open a shell' : 'to run commands', undefined, (answered) => {
      if (command === undefined) requestShell(client, channel, answered)
      else requestExec(client, channel, command, answered)
    })
    return attached
  } catch (cause) {
    leave(channel)
    throw cause
  }
}

/** A subsystem, such as sftp. */
export async function startSubsystem<Attached>(link: Link, signal: AbortSignal, name: string, attach: (channel: ClientChannel) => Attached): Promise<Attached> {
  const { channel, attached } = await sessionChannel(link, signal, (opened) => ({ channel: opened, attached: attach(opened) }))
  try {
    await answer(link, signal, `the subsystem ${name}`, 'Files still work over exec.', (answered) => requestSubsystem(link.client, channel, name, answered))
    return attached
  } catch (cause) {
    leave(channel)
    throw cause
  }
}

async function sessionChannel<Made>(link: Link, signal: AbortSignal, made: (channel: ClientChannel) => Made): Promise<Made> {
  signal.throwIfAborted()
  const spare = failureOf(link, '') === undefined ? link.spares.take() : undefined
  if (spare !== undefined) return made(counted(link, spare))
  for (let wait = 10; ; wait *= 2) {
    const asked = performance.now()
    try {
      return await openChannel(link, signal, (opened) => openSessionChannel(link.client, opened), (channel) => {
        link.spares.measured(performance.now() - asked)
        return made(counted(link, channel))
      })
    } catch (cause) {
      if (signal.aborted) throw cause
      const error = failureOf(link, 'before the command was sent') ?? sessionChannelError(cause)
      if (error.code === 'BUSY') link.spares.giveUp()
      if (error.code !== 'BUSY' || wait > longestWait || performance.now() - link.lastClosed > lingering) throw error
    }
    await pause(wait, signal)
  }
}

function counted(link: Link, channel: ClientChannel): ClientChannel {
  link.running++
  channel.once('close', () => link.running--)
  return channel
}

function answer(link: Link, signal: AbortSignal, what: string, hint: string | undefined, send: (answered: Answered) => void): Promise<void> {
  return new Promise((settle, fail) => {
    if (signal.aborted) return fail(signal.reason)
    const stop = (): void => fail(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    send((refused) => {
      signal.removeEventListener('abort', stop)
      if (!refused) return settle()
      fail(failureOf(link, 'while the command was started') ?? new TransportError('UNSUPPORTED', `The SSH server refuses ${what}.`, { hint }))
    })
  })
}
