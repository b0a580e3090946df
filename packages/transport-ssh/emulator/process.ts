// What a logged-in client may do: run commands, forward, open a shell without a terminal.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { constants } from 'node:os'
import type { Connection, PseudoTtyInfo, ServerChannel } from 'ssh2'
import type { EmulatorKnobs } from './knobs.js'

export interface Journal {
  readonly commands: string[]
  /** Ends what still runs. */
  readonly processes: Set<() => void>
}

export function serveSession(client: Connection, knobs: EmulatorKnobs, journal: Journal): void {
  let sessions = 0
  const later = (work: () => void): void => {
    if (knobs.latency === undefined) work()
    else setTimeout(work, knobs.latency)
  }
  client.on('session', (acceptSession, refuseSession) => {
    if (sessions >= (knobs.maxSessions ?? 10)) return refuseSession()
    sessions += 1
    const session = acceptSession()
    const variables: Record<string, string> = {}
    session.on('close', () => (sessions -= 1))
    session.on('env', (accept, _refuse, { key, val }) => {
      variables[key] = val
      // `wantReply` false: there is nobody to answer.
      ;(accept as (() => void) | undefined)?.() // its type is wrong
    })
    let terminal: PseudoTtyInfo | undefined
    session.on('pty', (accept, refuse, info) => {
      if (knobs.refusePty === true || !existsSync(scriptProgram)) return refuse()
      terminal = info
      accept()
    })
    session.on('window-change', (accept) => (accept as (() => void) | undefined)?.()) // its type is wrong: no answer is wanted
    session.on('exec', (accept, refuse, { command }) => {
      journal.commands.push(command)
      if (knobs.refuseExec === true) return refuse()
      const what = programOf(knobs, knobs.forcedCommand ?? command, terminal)
      later(() => runProgram(accept(), what, { ...variables, SSH_ORIGINAL_COMMAND: command }, client, knobs, journal))
    })
    session.on('shell', (accept) => {
      const what = programOf(knobs, undefined, terminal)
      later(() => runProgram(accept(), what, variables, client, knobs, journal))
    })
  })
  client.on('tcpip', (accept, refuse, { destIP, destPort }) => {
    if (knobs.refuseForward === true) return refuse()
    const socket = connect({ host: destIP, port: destPort })
    socket.once('error', () => refuse())
    socket.once('connect', () => {
      const channel = accept()
      socket.on('error', () => channel.close())
      channel.on('error', () => socket.destroy())
      channel.on('close', () => socket.destroy())
      socket.pipe(channel).pipe(socket)
    })
  })
}

interface Program {
  readonly program: string
  readonly words: readonly string[]
  readonly variables: Readonly<Record<string, string>>
}

/** util-linux's: the only way to a terminal without a native module. */
const scriptProgram = '/usr/bin/script'

function programOf(knobs: EmulatorKnobs, command: string | undefined, terminal: PseudoTtyInfo | undefined): Program {
  const [program = '/bin/sh', ...words] = knobs.shell ?? (command === undefined ? ['/bin/sh'] : ['/bin/sh', '-c'])
  const argv = command === undefined ? [program, ...words] : [program, ...words, command]
  if (terminal === undefined) return { program, words: argv.slice(1), variables: {} }
  // The words travel in variables, so that no quoting is needed.
  const variables = Object.fromEntries(argv.map((word, index) => [`EMULATOR_WORD_${index}`, word]))
  const unset = `unset ${Object.keys(variables).join(' ')}`
  const set = `set -- ${Object.keys(variables).map((name) => `"$${name}"`).join(' ')}`
  const inner = `stty rows ${terminal.rows} cols ${terminal.cols}; ${set}; ${unset}; exec "$@"`
  return { program: scriptProgram, words: ['-q', '-e', '-f', '-c', inner, '/dev/null'], variables: { ...variables, SHELL: '/bin/sh', TERM: 'xterm' } }
}

/** Runs it in a process group of its own and tells how it ended. */
function runProgram(channel: ServerChannel, what: Program, variables: NodeJS.ProcessEnv, client: Connection, knobs: EmulatorKnobs, journal: Journal): void {
  const child = spawn(what.program, what.words, { env: { ...process.env, ...variables, ...what.variables }, detached: true, stdio: 'pipe' })
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // gone already
    }
  }
  journal.processes.add(end)
  let sent = 0
  const forward = (from: NodeJS.ReadableStream, to: NodeJS.WritableStream): void => {
    from.on('data', (chunk: Buffer) => {
      sent += chunk.length
      if (knobs.dropAfterBytes !== undefined && sent > knobs.dropAfterBytes) return void client.end()
      if (!to.write(chunk)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    })
  }
  forward(child.stdout, channel)
  forward(child.stderr, channel.stderr)
  channel.on('data', (chunk: Buffer) => {
    if (!child.stdin.write(chunk)) {
      channel.pause()
      child.stdin.once('drain', () => channel.resume())
    }
  })
  channel.on('end', () => child.stdin.end())
  channel.on('error', () => undefined)
  child.stdin.on('error', () => channel.resume()) // it reads no more
  child.on('error', () => {
    channel.exit(127)
    channel.end()
  })
  // The exit is told when the command ends, as sshd does it, even if a child of it still holds its streams.
  child.on('exit', (code, signal) => {
    if (knobs.noExitStatus === true) return
    if (signal === null) channel.exit(code ?? 0)
    else channel.exit(signal in constants.signals ? signal.replace(/^SIG/, '') : 'KILL')
  })
  child.on('close', () => {
    journal.processes.delete(end)
    channel.end()
    channel.close()
  })
}
