// A shell on a terminal of its own. Node has no pty: util-linux `script` has.
import { spawn, spawnSync } from 'node:child_process'
import { Duplex } from 'node:stream'

/** Ends the shell, and whatever holds its terminal, when it is destroyed. */
export function openTerminal(command: string, echo: boolean): Duplex {
  return hasScript() ? onPty(echo ? command : `stty -echo; ${command}`) : onPipes(command)
}

function hasScript(): boolean {
  return spawnSync('script', ['--version']).error === undefined && process.platform === 'linux'
}

function onPty(command: string): Duplex {
  return duplexOf(spawn('script', ['-q', '-e', '-f', '-c', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true }), (data) => data)
}

/** Without a terminal, nothing turns a CR into the end of a line. */
function onPipes(command: string): Duplex {
  return duplexOf(spawn('sh', ['-c', `exec ${command} 2>&1`], { stdio: ['pipe', 'pipe', 'ignore'], detached: true }), (data) => Buffer.from(data.map((byte) => byte === 13 ? 10 : byte)))
}

function duplexOf(child: ReturnType<typeof spawn>, translate: (data: Buffer) => Buffer): Duplex {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('The shell has no pipes.')
  const stream = new Duplex({
    read: () => { stdout.resume() },
    write: (data: Buffer, _encoding, done) => { stdin.write(translate(data), () => { done() }) },
    destroy: (error, done) => {
      child.kill('SIGHUP')
      stdin.destroy()
      stdout.destroy()
      done(error)
    },
  })
  stdin.on('error', () => undefined)
  stdout.on('data', (data: Buffer) => { if (!stream.push(data)) stdout.pause() })
  child.on('error', (error) => { stream.destroy(error) })
  child.on('exit', () => { stream.destroy() })
  return stream
}
