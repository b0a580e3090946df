// Private keys from files and text. What is wrong with one is a sentence, not an exception: the next key may serve.
import { readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { parseCertificateFile } from './certificate.js'
import type { Certificate } from './certificate.js'
import { expandHome } from './known-hosts-files.js'
import { fromPkcs8 } from './pkcs8.js'
import { WireReader } from './wire.js'

/** A key, or why there is none. */
export type LoadedKey = { readonly key: ParsedKey } | { readonly problem: string; readonly encrypted: boolean }

/** In the order in which OpenSSH tries them; the ones on security keys need an agent. */
export const defaultIdentityFiles = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519']

/** A key file's content, or why there is none. */
export type KeyText = { readonly text: Buffer } | { readonly problem: string; readonly missing: boolean }

export async function readKeyFile(path: string): Promise<KeyText> {
  const file = expandHome(path)
  try {
    if (process.platform !== 'win32') {
      const { mode, uid } = await stat(file)
      if ((mode & 0o077) !== 0 && uid === userInfo().uid) return { problem: `its mode is ${(mode & 0o777).toString(8)}, others can read it; chmod 600 ${file}`, missing: false }
    }
    return { text: await readFile(file) }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code // what readFile and stat reject with
    return { problem: code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? String(cause)})`, missing: code === 'ENOENT' }
  }
}

export function parsePrivateKey(text: Buffer | string, passphrase: string | undefined): LoadedKey {
  let readable: Buffer | string
  try {
    readable = fromPkcs8(text.toString(), passphrase) ?? text
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException // what node:crypto throws
    const encrypted = /BEGIN ENCRYPTED PRIVATE KEY/.test(text.toString())
    if (encrypted && passphrase === undefined) return { problem: 'it is encrypted, and no passphrase was given', encrypted }
    return { problem: encrypted ? 'the passphrase is wrong' : `it cannot be read (${code ?? 'broken'})`, encrypted }
  }
  const parsed: unknown = ssh2.utils.parseKey(readable, passphrase) // one key, an Error, or, against its types, a list
  const key = Array.isArray(parsed) ? (parsed[0] as ParsedKey | Error) : (parsed as ParsedKey | Error) // by lib/protocol/keyParser.js
  if (key instanceof Error) {
    if (/no passphrase/i.test(key.message)) return { problem: 'it is encrypted, and no passphrase was given', encrypted: true }
    if (passphrase !== undefined && /passphrase|bad decrypt|integrity/i.test(key.message)) return { problem: 'the passphrase is wrong', encrypted: true }
    return { problem: /Unsupported key format|Malformed/i.test(key.message) ? 'it is not a private key in a format that is known' : key.message, encrypted: false }
  }
  return key.isPrivateKey() ? { key } : { problem: 'it is a public key; the private one is needed', encrypted: false }
}

/** The public half of a key that cannot be opened: OpenSSH's format holds it in clear, or it lies beside it. */
export async function publicPart(text: Buffer | undefined, path: string | undefined): Promise<Buffer | undefined> {
  const inside = text === undefined ? undefined : publicOfOpenSsh(text.toString('latin1'))
  if (inside !== undefined || path === undefined) return inside
  const beside = await readFile(`${expandHome(path)}.pub`, 'utf8').catch(() => '')
  const encoded = beside.split(/\s+/)[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
}

function publicOfOpenSsh(text: string): Buffer | undefined {
  const match = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)
  if (match?.[1] === undefined) return undefined
  try {
    const reader = new WireReader(Buffer.from(match[1], 'base64'))
    reader.take('openssh-key-v1\0'.length)
    for (let skipped = 0; skipped < 3; skipped++) reader.string() // cipher, key derivation, its options
    return reader.uint32() === 1 ? Buffer.from(reader.string()) : undefined
  } catch {
    return undefined
  }
}

/** Those that are there and can be read. */
export async function readCertificates(files: readonly string[]): Promise<Certificate[]> {
  const found = await Promise.all(files.map(async (file) => {
    try {
      return [parseCertificateFile(await readFile(expandHome(file), 'utf8'))]
    } catch {
      return [] // missing, or of a type that ssh2 cannot use; the plain key is still tried
    }
  }))
  return found.flat()
}
