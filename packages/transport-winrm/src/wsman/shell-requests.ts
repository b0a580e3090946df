// The requests of a WinRS shell (MS-WSMV): Create, Command, Send, Receive, Signal, Delete.
import { duration, type WsmanRequest } from './envelope.js'
import { action, ns, resource, signal } from './namespaces.js'
import { escapeXml } from './xml.js'

export interface ShellSettings {
  readonly codepage: number
  readonly noProfile: boolean
  readonly env?: ReadonlyMap<string, string> | undefined
  readonly cwd?: string | undefined
  /** Milliseconds without a request after which the far side may drop the shell. */
  readonly idleTimeout?: number | undefined
}

/** The selectors that a Create answered with. */
export type ShellId = ReadonlyMap<string, string>

export function createRequest(settings: ShellSettings): WsmanRequest {
  const variables = [...(settings.env ?? [])].map(([name, value]) => `<rsp:Variable Name="${escapeXml(name)}">${escapeXml(value)}</rsp:Variable>`)
  const body = [
    variables.length === 0 ? '' : `<rsp:Environment>${variables.join('')}</rsp:Environment>`,
    settings.cwd === undefined ? '' : `<rsp:WorkingDirectory>${escapeXml(settings.cwd)}</rsp:WorkingDirectory>`,
    settings.idleTimeout === undefined ? '' : `<rsp:IdleTimeOut>${duration(settings.idleTimeout)}</rsp:IdleTimeOut>`,
    '<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams>',
  ]
  return {
    action: action.create,
    resource: resource.cmd,
    options: [
      { name: 'WINRS_NOPROFILE', value: settings.noProfile ? 'TRUE' : 'FALSE' },
      { name: 'WINRS_CODEPAGE', value: String(settings.codepage) },
    ],
    body: `<rsp:Shell>${body.join('')}</rsp:Shell>`,
  }
}

/** `line` runs as `%COMSPEC% /c "line"`. stdin is a pipe, not a console. */
export function commandRequest(shell: ShellId, commandId: string, line: string): WsmanRequest {
  return {
    action: action.command,
    resource: resource.cmd,
    selectors: shell,
    options: [
      { name: 'WINRS_CONSOLEMODE_STDIN', value: 'FALSE' },
      { name: 'WINRS_SKIP_CMD_SHELL', value: 'FALSE' },
    ],
    body: `<rsp:CommandLine CommandId="${escapeXml(commandId)}"><rsp:Command>${escapeXml(line)}</rsp:Command></rsp:CommandLine>`,
  }
}

export function sendRequest(shell: ShellId, commandId: string, data: Uint8Array, end: boolean): WsmanRequest {
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64')
  const last = end ? ' End="true"' : ''
  return { action: action.send, resource: resource.cmd, selectors: shell, body: `<rsp:Send><rsp:Stream Name="stdin" CommandId="${escapeXml(commandId)}"${last}>${base64}</rsp:Stream></rsp:Send>` }
}

export function receiveRequest(shell: ShellId, commandId: string): WsmanRequest {
  return {
    action: action.receive,
    resource: resource.cmd,
    selectors: shell,
    options: [{ name: 'WSMAN_CMDSHELL_OPTION_KEEPALIVE', value: 'TRUE' }],
    body: `<rsp:Receive><rsp:DesiredStream CommandId="${escapeXml(commandId)}">stdout stderr</rsp:DesiredStream></rsp:Receive>`,
  }
}

export function signalRequest(shell: ShellId, commandId: string, code: keyof typeof signal): WsmanRequest {
  return { action: action.signal, resource: resource.cmd, selectors: shell, body: `<rsp:Signal CommandId="${escapeXml(commandId)}"><rsp:Code>${signal[code]}</rsp:Code></rsp:Signal>` }
}

export function deleteRequest(shell: ShellId): WsmanRequest {
  return { action: action.delete, resource: resource.cmd, selectors: shell, body: '' }
}

/** Asks for the service's settings; only administrators may. */
export function configRequest(): WsmanRequest {
  return { action: action.get, resource: ns.config, body: '' }
}
