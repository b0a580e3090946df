// A serial line of this machine: two ptys joined by socat, with a getty and login of Debian on the far one, and a real user.
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface LoginUser extends Disposable {
  readonly name: string
  readonly password: string
}

/** A user of its own for one test file; root alone can make one. */
export function createUser(shell = '/bin/bash'): LoginUser {
  const name = `ttest${process.pid.toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`
  const password = `pw-${name}!`
  execFileSync('useradd', ['-m', '-s', shell, name])
  execFileSync('chpasswd', { input: `${name}:${password}\n` })
  return { name, password, [Symbol.dispose]: () => { execFileSync('userdel', ['-r', '-f', name], { stdio: 'ignore' }) } }
}

export interface Console extends AsyncDisposable {
  /** Our end of the line. */
  readonly device: string
  /** The cable is pulled. */
  unplug(): void
  close(): Promise<void>
}

/** `getty` for each login, as init would start it; the pty's name stands for PTY. */
export async function openConsole(getty: readonly string[] = ['/sbin/agetty', '-L', '115200', 'PTY', 'vt100']): Promise<Console> {
  const directory = mkdtempSync(join(tmpdir(), 'train-ts-serial-'))
  const [device, far] = [join(directory, 'here'), join(directory, 'there')]
  const socat = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${device}`, `pty,raw,echo=0,link=${far}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  for await (const data of socat.stderr) {
    said += String(data)
    if (said.includes('starting data transfer')) break
  }
  let login: ChildProcess | undefined
  let open = true
  const pty = readlinkSync(far).replace('/dev/', '')
  const respawn = () => {
    if (!open) return
    login = spawn('setsid', getty.map((word) => word.replaceAll('PTY', pty)), { stdio: 'ignore' })
    login.on('exit', respawn)
  }
  respawn()
  const close = async (): Promise<void> => {
    open = false
    login?.kill('SIGKILL')
    if (socat.exitCode === null && socat.signalCode === null) {
      socat.kill()
      await once(socat, 'exit')
    }
    rmSync(directory, { recursive: true, force: true })
  }
  return { device, unplug: () => { open = false; socat.kill('SIGKILL') }, close, [Symbol.asyncDispose]: close }
}
