// shell=powershell: each script in a process of its own, which was started ahead and waits on stdin for it.
import type { ExecEvent } from '@train-ts/core'
import { createClixmlDecoder, type ClixmlEvent } from '../clixml/decoder.js'
import { powershellCommandLine, scriptFrame } from '../codec/powershell-bootstrap.js'
import type { OutputReader, ShellKind } from './exec.js'
import type { ShellHost, ShellSlot } from './shell-host.js'

export function powershellShell(host: ShellHost): ShellKind {
  async function begin(slot: ShellSlot, _command: string, signal: AbortSignal): Promise<string> {
    const spare = slot.spare
    slot.spare = undefined
    // A spare that could not be started says nothing about this command.
    const waiting = await spare?.catch(() => undefined)
    return waiting ?? host.start(slot, powershellCommandLine, signal)
  }
  return {
    begin,
    preamble: scriptFrame,
    started(slot) {
      if (slot.personal || slot.gone) return
      slot.spare = host.start(slot, powershellCommandLine)
      slot.spare.catch(() => undefined)
    },
    reader: clixmlReader,
  }
}

function clixmlReader(): OutputReader {
  const decoder = createClixmlDecoder()
  return {
    push: ({ stream, data }) => (stream === 'stdout' ? [{ type: 'stdout', data }] : decoder.push(data).flatMap(toEvent)),
    end: () => decoder.end().flatMap(toEvent),
  }
}

function toEvent(event: ClixmlEvent): readonly ExecEvent[] {
  switch (event.type) {
    case 'raw':
      return [{ type: 'stderr', data: event.data }]
    case 'error':
      return [{ type: 'stderr', data: Buffer.from(event.text, 'utf8') }]
    case 'record':
      // What Write-Host wrote is in stdout already.
      return event.host ? [] : [{ type: 'record', stream: event.stream, text: event.text }]
  }
}
