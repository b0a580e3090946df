// What an opened connection can do.
import { randomUUID } from 'node:crypto'
import { platform } from 'node:os'
import { TransportError, type DeclaredCapabilities, type Session } from '@train-ts/core'
import type { WsmanClient } from './client/wsman-client.js'
import { loginCommand } from './login-command.js'
import type { WinrmOptions } from './options.js'
import { cmdShell } from './shell/cmd-shell.js'
import { exec } from './shell/exec.js'
import { powershellShell } from './shell/powershell-shell.js'
import { createShellHost } from './shell/shell-host.js'
import { escapeXml } from './wsman/xml.js'

/** Shells at once: Windows allows 25 to 30 for a user, and others want some too. */
const maxShells = 5
/** cmd takes 8,191 characters, its own `/c ""` included. */
const maxLine = 8000

export function createWinrmSession(client: WsmanClient, options: Readonly<WinrmOptions>): Session {
  const host = createShellHost(client, { codepage: options.codepage, noProfile: options.noProfile }, randomUUID)
  const kind = options.shell === 'cmd' ? cmdShell(host) : powershellShell(host)
  let closing: Promise<void> | undefined
  return {
    capabilities: capabilities(options),
    exec(request) {
      refuse(request.command, options)
      return exec({ client, host, kind }, request)
    },
    close() {
      closing ??= host.close().then(() => client.close(), () => client.close())
      return closing
    },
    platform: () => Promise.resolve({ family: 'windows' }),
    loginCommand: () => loginCommand(options, platform()),
  }
}

function capabilities(options: Readonly<WinrmOptions>): DeclaredCapabilities {
  return {
    shell: options.shell === 'cmd' ? 'cmd' : 'powershell',
    stderr: true,
    exitCode: true,
    stdin: 'live',
    streaming: true,
    kill: 'tree',
    // Sealed, or inside TLS.
    privateInput: options.winrmTransport !== 'plaintext',
    env: true,
    cwd: true,
    concurrency: maxShells,
    limits: { command: options.shell === 'cmd' ? maxLine : Infinity, stdin: Infinity, stdout: Infinity, stderr: Infinity },
  }
}

/** What cannot travel is refused before anything is sent. */
function refuse(command: string, options: Readonly<WinrmOptions>): void {
  if (command.trim() === '') throw new TransportError('INVALID_OPTIONS', 'The command is empty.')
  if (options.shell === 'cmd') {
    if (/[\r\n]/.test(command)) throw new TransportError('INVALID_OPTIONS', 'cmd would stop reading at the end of the first line.', { hint: 'Join the lines with &, or use shell=powershell.' })
    try {
      escapeXml(command)
    } catch (cause) {
      throw new TransportError('INVALID_OPTIONS', 'The command has a character that WinRM cannot carry.', { cause, hint: 'NUL and other control characters cannot stand in a command for cmd.' })
    }
  }
}
