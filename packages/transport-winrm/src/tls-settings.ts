// Reads the files that the TLS options name.
import { readFile } from 'node:fs/promises'
import { TransportError } from '@train-ts/core'
import type { TlsSettings } from './http/tls.js'
import type { WinrmOptions } from './options.js'

export async function readTlsSettings(options: Readonly<WinrmOptions>): Promise<TlsSettings> {
  return {
    host: options.host,
    ca: options.ca ?? (await readOption('caTrustFile', options.caTrustFile)),
    selfSigned: options.selfSigned,
    fingerprint: options.sslPeerFingerprint,
    cert: await readOption('clientCert', options.clientCert),
    key: await readOption('clientKey', options.clientKey),
    passphrase: options.clientKeyPass?.reveal(),
  }
}

async function readOption(option: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new TransportError('INVALID_OPTIONS', `${option} cannot be read: ${path}`, { cause, details: { option } })
  }
}
