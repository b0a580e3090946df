// A real OpenSSH server for tests: its own host keys, an ephemeral port on 127.0.0.1, everything below one temporary directory.
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { peer } from '@train-ts/testkit'

export const sshdPeers = [peer('sshd'), peer('ssh-keygen'), peer('root')]

export interface SshdOptions {
  /** More lines of sshd_config; they come first, so they win. */
  readonly config?: readonly string[]
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[]
  readonly rsaBits?: number
  /** Makes what the configuration names, and returns lines for it. */
  readonly prepare?: (directory: string) => readonly string[]
  /** False: without the usual SFTP. */
  readonly subsystem?: boolean
}

export interface Sshd {
  readonly port: number
  readonly directory: string
  /** A key that every user of this server may log in with. */
  readonly keyFile: string
  /** A known_hosts file that holds this server's keys. */
  readonly knownHosts: string
  hostKey(type: 'ed25519' | 'ecdsa' | 'rsa'): string
  /** What sshd has logged so far. */
  log(): string
  close(): Promise<void>
}

/** Starts one and waits until it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'train-ssh-'))
  chmodSync(directory, 0o755)
  mkdirSync('/run/sshd', { recursive: true })
  const types = options.hostKeys ?? ['ed25519']
  for (const type of types) keygen(join(directory, `host_${type}`), type, type === 'rsa' ? options.rsaBits ?? 3072 : undefined)
  const keyFile = join(directory, 'id_ed25519')
  keygen(keyFile, 'ed25519')
  writeFileSync(join(directory, 'authorized_keys'), readFileSync(`${keyFile}.pub`), { mode: 0o644 })
  const port = await freePort()
  const config = [
    ...(options.config ?? []),
    ...(options.prepare?.(directory) ?? []),
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    ...types.map((type) => `HostKey ${join(directory, `host_${type}`)}`),
    `PidFile ${join(directory, 'pid')}`,
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
    'UsePAM yes',
    'StrictModes no',
    'UseDNS no',
    'PermitRootLogin yes',
    'PrintMotd no',
    'PrintLastLog no',
    'MaxStartups 200',
    'LogLevel VERBOSE',
    ...(options.subsystem === false ? [] : ['Subsystem sftp internal-sftp']),
  ]
  writeFileSync(join(directory, 'config'), `${config.join('\n')}\n`)
  const process = spawn('/usr/sbin/sshd', ['-D', '-f', join(directory, 'config'), '-E', join(directory, 'log')], { stdio: 'ignore' })
  const log = (): string => readFileSync(join(directory, 'log'), 'utf8')
  await listening(process, log)
  const knownHosts = join(directory, 'known_hosts')
  const hostKey = (type: string): string => readFileSync(join(directory, `host_${type}.pub`), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(knownHosts, types.map((type) => `[127.0.0.1]:${port} ${hostKey(type)}\n`).join(''))
  return {
    port,
    directory,
    keyFile,
    knownHosts,
    hostKey,
    log,
    async close() {
      if (process.exitCode === null) {
        process.kill('SIGTERM')
        await once(process, 'exit')
      }
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Waits for the line that says so; sshd writes it after it has bound. */
async function listening(process: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (process.exitCode !== null) throw new Error(`sshd ended: ${log()}`)
    try {
      if (log().includes('Server listening')) return
    } catch {
      // not written yet
    }
    await new Promise((settle) => setTimeout(settle, 10)) // there is nothing to listen to: sshd only writes a file
  }
  throw new Error('sshd does not start')
}

export function keygen(file: string, type: string, bits?: number, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, ...(bits === undefined ? [] : ['-b', String(bits)]), '-N', passphrase, '-C', 'test', '-f', file])
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's address is one
  server.close()
  await once(server, 'close')
  return port
}

export interface TestUser {
  readonly name: string
  readonly password: string
  readonly home: string
  remove(): void
}

/** An ordinary user with a password. Root only. */
export function addUser(shell = '/bin/sh'): TestUser {
  const name = `train${randomBytes(4).toString('hex')}`
  const password = `pw-${randomBytes(6).toString('hex')}`
  execFileSync('useradd', ['-m', '-s', shell, name])
  execFileSync('chpasswd', { input: `${name}:${password}\n` })
  return {
    name,
    password,
    home: `/home/${name}`,
    remove() {
      execFileSync('sh', ['-c', `pkill -KILL -u "$1"; for i in 1 2 3 4 5; do userdel -rf "$1" && exit; sleep 0.2; done`, 'sh', name], { stdio: 'ignore' })
    },
  }
}

/** An ssh-agent that holds these keys, with the certificates beside them. */
export async function startAgent(socket: string, keys: readonly string[]): Promise<{ readonly socket: string; readonly process: ChildProcess }> {
  const process = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(process.stdout, 'data') // it prints its variables when it listens
  execFileSync('ssh-add', ['-q', ...keys], { env: { ...globalThis.process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
  return { socket, process }
}
