// The one SFTP channel of a session: opened when it is first needed, again when it has died, closed with the session.
import { TransportError } from '@train-ts/core'
import type { Link } from '../link.js'
import { failureOf } from '../link.js'
import { startSubsystem } from '../open-channel.js'
import { SftpClient } from './client.js'

export interface SftpChannel {
  connect(signal: AbortSignal): Promise<SftpClient>
  close(): void
}

export function createSftpChannel(link: Link): SftpChannel {
  let opening: Promise<SftpClient> | undefined
  let current: SftpClient | undefined
  /** The server has no SFTP: known once, it is not asked again. */
  let refused: TransportError | undefined

  async function start(signal: AbortSignal): Promise<SftpClient> {
    const died = (): Error | undefined => failureOf(link, 'while a file was at work')
    const client = await startSubsystem(link, signal, 'sftp', (channel) => new SftpClient(link.client, channel, died)).catch((cause: unknown) => {
      if (cause instanceof TransportError && cause.code === 'UNSUPPORTED') refused = cause
      throw cause
    })
    await client.start()
    current = client
    return client
  }

  return {
    async connect(signal) {
      if (refused !== undefined) throw refused
      if (current !== undefined && !current.dead) return current
      // Shared by all who wait; who gives up does not stop it for the others.
      opening ??= start(new AbortController().signal).finally(() => (opening = undefined))
      signal.throwIfAborted()
      return opening
    },
    close: () => current?.close(),
  }
}
