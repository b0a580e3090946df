// A home directory in which a real sshd's key is known and a key to log in lies where OpenSSH looks for it.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Home extends Disposable {
  /** For the environment of a program. */
  readonly environment: NodeJS.ProcessEnv
}

export function homeFor({ keyFile, knownHosts }: { readonly keyFile: string; readonly knownHosts: string }): Home {
  const directory = mkdtempSync(join(tmpdir(), 'train-ts-home-'))
  mkdirSync(join(directory, '.ssh'), { mode: 0o700 })
  copyFileSync(keyFile, join(directory, '.ssh', 'id_ed25519'))
  copyFileSync(knownHosts, join(directory, '.ssh', 'known_hosts'))
  return { environment: { HOME: directory, SSH_AUTH_SOCK: '' }, [Symbol.dispose]: () => rmSync(directory, { recursive: true }) }
}
