// A variant with the optional operations: a terminal, a shell, forward, loginCommand. The terminals are those of util-linux's `script`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import type { AnyDriver, ExecRequest, Session, ShellStream, Terminal } from '@train-ts/core'
import type { Events } from '../src/saboteurs/change.js'
import { changeSession } from '../src/saboteurs/change.js'

export function offering(driver: AnyDriver): AnyDriver {
  const change = changeSession((session) => ({
    capabilities: { ...session.capabilities, pty: true },
    exec: (request) => execOnTerminal(session, request),
    shell: async (terminal) => openShell(terminal),
    forward: async (to, { signal }) => {
      if (!('port' in to)) throw new Error('no sockets of files here')
      const socket = connect({ port: to.port, host: to.host === '' ? 'localhost' : to.host, allowHalfOpen: true })
      await once(socket, 'connect', { signal })
      return socket
    },
    loginCommand: () => ['sh'],
  }))
  return { ...change(driver), options: { ...driver.options, password: { type: 'secret', describe: 'Not needed, but kept.' } } }
}

function execOnTerminal(session: Session, request: ExecRequest): Events {
  const { pty, command } = request
  if (pty === undefined) return session.exec(request)
  const sized = `stty columns ${String(pty.columns)} rows ${String(pty.rows)}; ${command}`
  return session.exec({ ...request, command: `exec script -qefc '${sized.replaceAll('\'', '\'\\\'\'')}' /dev/null` })
}

function openShell({ columns, rows, term }: Terminal): ShellStream {
  const child = spawn('script', ['-qfc', `stty columns ${String(columns)} rows ${String(rows)}; exec sh -i`, '/dev/null'], { env: { ...process.env, TERM: term }, stdio: ['pipe', 'pipe', 'ignore'] })
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  child.once('exit', () => stream.destroy())
  return stream.once('close', () => child.kill('SIGKILL'))
}
