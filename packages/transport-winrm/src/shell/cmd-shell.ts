// shell=cmd: a command is a line for `%COMSPEC% /c`, its output comes as it is.
import type { ShellHost } from './shell-host.js'
import type { OutputReader, ShellKind } from './exec.js'

export function cmdShell(host: ShellHost): ShellKind {
  return {
    begin: (slot, command, signal) => host.start(slot, command, signal),
    preamble: () => undefined,
    started: () => undefined,
    reader: rawReader,
  }
}

export function rawReader(): OutputReader {
  return { push: ({ stream, data }) => [{ type: stream, data }], end: () => [] }
}
