// The service behind the login: shells, long polls, quotas and their faults.
import { existsSync } from 'node:fs'
import { action, signal } from '../src/wsman/namespaces.js'
import { children, descendant } from '../src/wsman/xml.js'
import { ns } from '../src/wsman/namespaces.js'
import { faultCode } from '../src/wsman/fault.js'
import type { EmulatorKnobs, SpawnCommand } from './knobs.js'
import { powershellArguments, powershellPath } from './programs.js'
import { commandBody, configBody, createdBody, faultReply, receiveBody, reply, shellText, type WsmanCall } from './replies.js'
import { createShell, type Command, type Shell } from './shells.js'

export interface Service {
  /** `gone`: whoever asked went away. */
  answer(call: WsmanCall, gone: AbortSignal): Promise<string>
  readonly shells: ReadonlyMap<string, Shell>
  dropShells(): void
  close(): Promise<void>
}

class Fault extends Error {
  constructor(
    readonly number: number,
    message: string,
    readonly subcode = 'w:InternalError',
  ) {
    super(message)
  }
}

export function createService(knobs: EmulatorKnobs, spawn: SpawnCommand): Service {
  const shells = new Map<string, Shell>()

  function shellOf(call: WsmanCall): Shell {
    const shell = shells.get(call.shellId ?? '')
    if (shell === undefined) throw new Fault(faultCode.shellNotFound, 'The shell was not found on the server.', 'w:InvalidSelectors')
    return shell
  }
  function commandOf(call: WsmanCall, element: 'Stream' | 'DesiredStream' | 'Signal'): Command {
    const command = shellOf(call).commands.get(descendant(call.body, ns.shell, element)?.attributes.get('CommandId') ?? '')
    if (command === undefined) throw new Fault(2150858844, 'The command was not found in this shell.', 'w:InvalidSelectors')
    return command
  }

  const operations: Readonly<Record<string, (call: WsmanCall, gone: AbortSignal) => Promise<string> | string>> = {
    [action.get]: () => {
      if (knobs.administrator === false) throw new Fault(faultCode.accessDenied, 'Access is denied.', 'w:AccessDenied')
      return configBody(knobs.maxEnvelopeKilobytes ?? 500)
    },
    [action.create]: (call) => {
      if (shells.size >= (knobs.maxShells ?? 30)) {
        throw new Fault(faultCode.tooManyShells, `The WS-Management service cannot process the request. This user is allowed a maximum number of ${knobs.maxShells ?? 30} concurrent shells, which has been exceeded.`, 'w:QuotaLimit')
      }
      const variables = children(descendant(call.body, ns.shell, 'Environment'), ns.shell, 'Variable')
      const shell = createShell(spawn, new Map(variables.map((one) => [one.attributes.get('Name') ?? '', one.text])), shellText(call.body, 'WorkingDirectory'))
      shells.set(shell.id, shell)
      return createdBody(shell.id)
    },
    [action.command]: (call) => {
      const shell = shellOf(call)
      const line = [shellText(call.body, 'Command') ?? '', ...children(descendant(call.body, ns.shell, 'CommandLine'), ns.shell, 'Arguments').map(({ text }) => text)].join(' ')
      if (line.length > 8191) throw new Fault(2147942606, 'The command line is too long.')
      if (powershellArguments(line) !== undefined && powershellPath() === undefined && knobs.spawn === undefined) {
        throw new Fault(2, 'There is no PowerShell behind this emulator: set TRAIN_PWSH to the path of a pwsh.')
      }
      if (shell.cwd !== undefined && knobs.spawn !== undefined && !existsSync(shell.cwd)) throw new Fault(faultCode.invalidDirectory, 'The directory name is invalid.')
      return commandBody(shell.start(line, descendant(call.body, ns.shell, 'CommandLine')?.attributes.get('CommandId')).id)
    },
    [action.send]: async (call) => {
      const stream = descendant(call.body, ns.shell, 'Stream')
      await commandOf(call, 'Stream').write(Buffer.from(stream?.text ?? '', 'base64'), stream?.attributes.get('End')?.toLowerCase() === 'true')
      return '<rsp:SendResponse/>'
    },
    [action.receive]: async (call, gone) => {
      const command = commandOf(call, 'DesiredStream')
      const limit = Math.floor((Math.min(call.maxEnvelopeSize, (knobs.maxEnvelopeKilobytes ?? 500) * 1024) - 4096) / 4) * 3
      const received = await command.receive(Math.min(call.operationTimeout, knobs.maxTimeout ?? 60_000), limit, gone)
      if (received === 'timeout') throw new Fault(faultCode.operationTimeout, 'The WS-Management service cannot complete the operation within the time specified in OperationTimeout.', 'w:TimedOut')
      if (received === 'stopped') throw new Fault(faultCode.operationAborted, 'The I/O operation has been aborted because of either a thread exit or an application request.')
      return receiveBody(command.id, received.output, received.exitCode)
    },
    [action.signal]: async (call) => {
      const code = shellText(call.body, 'Code')?.trim()
      const command = commandOf(call, 'Signal')
      if (code === signal.terminate || code === signal.controlC) await command.terminate()
      return '<rsp:SignalResponse/>'
    },
    [action.delete]: async (call) => {
      const shell = shellOf(call)
      shells.delete(shell.id)
      await shell.end()
      return ''
    },
  }

  return {
    shells,
    async answer(call, gone) {
      try {
        const operation = operations[call.action]
        if (operation === undefined) throw new Fault(2150858817, 'The action is not supported by the service.', 'a:ActionNotSupported')
        return reply(call, await operation(call, gone))
      } catch (error) {
        if (error instanceof Fault) return faultReply(call.messageId, error.number, error.message, error.subcode)
        throw error
      }
    },
    dropShells() {
      for (const shell of shells.values()) void shell.end()
      shells.clear()
    },
    async close() {
      await Promise.all([...shells.values()].map((shell) => shell.end()))
      shells.clear()
    },
  }
}
