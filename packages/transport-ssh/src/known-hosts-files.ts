// Reading and appending known_hosts. What cannot be read fails closed; what does not exist holds nothing.
import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { TransportError } from '@train-ts/core'
import { formatKnownHost, parseKnownHosts } from './known-hosts.js'
import type { KnownHost } from './known-hosts.js'

export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}

export function defaultKnownHostsFiles(): string[] {
  return ['~/.ssh/known_hosts', '~/.ssh/known_hosts2', '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'].map(expandHome)
}

export async function readKnownHosts(files: readonly string[]): Promise<KnownHost[]> {
  const entries: KnownHost[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return ''
      throw new TransportError('HOST_KEY_REJECTED', `Cannot read ${file}, so no host key can be checked: ${cause.message}.`, { details: { file }, cause })
    })
    entries.push(...parseKnownHosts(text, file))
  }
  return entries
}

/** Appends one line, on a line of its own, readable by its owner alone when the file is new. */
export async function addKnownHost(file: string, host: string, port: number, key: Uint8Array, hashed: boolean): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const before = await readFile(file, 'utf8').catch(() => '')
  const separator = before === '' || before.endsWith('\n') ? '' : '\n'
  await appendFile(file, separator + formatKnownHost(host, port, key, hashed ? randomBytes(20) : undefined), { mode: 0o600 })
}
