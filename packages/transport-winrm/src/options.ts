// Every option of winrm://, as data. Names and units of train-winrm; what weakens a check, names a file or sends the password to the
// far side is never taken from a URL.
import { TransportError, type OptionSpec, type Secret, type Target } from '@train-ts/core'

export type WinrmTransport = 'negotiate' | 'ntlm' | 'spnego' | 'kerberos' | 'ssl' | 'plaintext' | 'credssp'
export type WinrmShell = 'powershell' | 'cmd' | 'elevated'

export interface WinrmOptions {
  readonly host: string
  readonly port?: number
  readonly user: string
  readonly password?: Secret
  readonly path: string
  readonly winrmTransport: WinrmTransport
  readonly ssl: boolean
  readonly winrmBasicAuthOnly: boolean
  readonly winrmDisableSspi: boolean
  readonly selfSigned: boolean
  readonly sslPeerFingerprint?: string
  readonly caTrustFile?: string
  readonly ca?: string | Uint8Array
  readonly clientCert?: string
  readonly clientKey?: string
  readonly clientKeyPass?: Secret
  readonly channelBinding: boolean
  readonly messageEncryption: 'auto' | 'always'
  readonly kerberosRealm?: string
  readonly kerberosService: string
  readonly shell: WinrmShell
  readonly operationTimeout: number
  readonly connectionRetries: number
  readonly connectionRetrySleep: number
  readonly maxEnvelopeSize?: number
  readonly codepage: number
  readonly noProfile: boolean
  readonly rdpPort: number
  readonly socksProxy?: string
  readonly socksUser?: string
  readonly socksPassword?: Secret
}

export const winrmOptions: { readonly [Name in keyof WinrmOptions]-?: OptionSpec } = {
  host: { type: 'string', from: 'host', required: true, describe: 'Name or address of the Windows machine.' },
  port: { type: 'integer', from: 'port', describe: 'Port; 5985, with TLS 5986.' },
  user: { type: 'string', from: 'user', default: 'administrator', describe: 'User: name, DOMAIN\\name or name@realm.' },
  password: { type: 'secret', from: 'password', describe: 'Password of the user.' },
  path: { type: 'string', from: 'path', default: '/wsman', describe: 'Path of the WS-Management endpoint.' },
  winrmTransport: {
    type: 'string',
    default: 'negotiate',
    values: ['negotiate', 'ntlm', 'spnego', 'kerberos', 'ssl', 'plaintext', 'credssp'],
    plain: true,
    describe: 'How to log in: negotiate (NTLM, sealed), kerberos, ssl (Basic or a client certificate inside TLS), plaintext (Basic in clear: lets everyone read it).',
  },
  ssl: { type: 'boolean', default: false, url: true, plain: true, describe: 'Speak TLS. Without it messages are sealed by NTLM or Kerberos.' },
  winrmBasicAuthOnly: { type: 'boolean', default: false, plain: true, describe: 'Basic authentication only; needs ssl.' },
  winrmDisableSspi: { type: 'boolean', default: false, url: true, plain: true, describe: "Accepted for train-winrm's sake; SSPI is not used here." },
  selfSigned: { type: 'boolean', default: false, plain: true, describe: 'Do not verify the certificate: whoever is in between can read and answer.' },
  sslPeerFingerprint: { type: 'string', describe: 'The only certificate to accept, by its SHA-1 or SHA-256 in hex.' },
  caTrustFile: { type: 'string', aliases: ['caTrustPath'], describe: 'File with the CA certificates to trust instead of the system’s.' },
  ca: { type: 'value', describe: 'CA certificates to trust instead of the system’s, as PEM.' },
  clientCert: { type: 'string', describe: 'File with the client certificate (PEM).' },
  clientKey: { type: 'string', describe: 'File with the key of the client certificate (PEM).' },
  clientKeyPass: { type: 'secret', describe: 'Passphrase of clientKey.' },
  channelBinding: { type: 'boolean', default: true, describe: 'Bind the login to the TLS certificate; false only where a proxy ends TLS.' },
  messageEncryption: { type: 'string', default: 'auto', values: ['auto', 'always'], url: true, plain: true, describe: 'auto: seal messages without TLS; always: inside TLS too.' },
  kerberosRealm: { type: 'string', url: true, plain: true, describe: 'Realm of the user, where it has none.' },
  kerberosService: { type: 'string', default: 'HTTP', plain: true, describe: 'Service part of the principal: HTTP or WSMAN.' },
  shell: {
    type: 'string',
    default: 'powershell',
    values: ['powershell', 'cmd', 'elevated'],
    aliases: ['winrmShellType'],
    url: true,
    plain: true,
    describe: 'The language of commands.',
  },
  operationTimeout: { type: 'seconds', default: 60, url: true, plain: true, describe: 'How long the far side holds one long poll; not a limit of commands.' },
  connectionRetries: { type: 'integer', default: 5, url: true, plain: true, describe: 'How often to try to connect. A refused login is never repeated.' },
  connectionRetrySleep: { type: 'seconds', default: 1, url: true, plain: true, describe: 'Pause between two attempts to connect.' },
  maxEnvelopeSize: { type: 'integer', plain: true, describe: 'Bytes of one message; asked of the server by default.' },
  codepage: { type: 'integer', default: 65001, url: true, plain: true, describe: 'Code page of the shell; 65001 is UTF-8.' },
  noProfile: { type: 'boolean', default: false, url: true, plain: true, describe: "Do not load the user's profile." },
  rdpPort: { type: 'integer', default: 3389, url: true, plain: true, describe: 'Port of Remote Desktop, for loginCommand.' },
  socksProxy: { type: 'string', describe: "Train's name for a SOCKS proxy; here it is proxy: 'socks5h://user:password@host:port'." },
  socksUser: { type: 'string', describe: 'Part of proxy here.' },
  socksPassword: { type: 'secret', describe: 'Part of proxy here.' },
}

/** Options as `open` sees them: TLS, port and path decided, contradictions refused. */
export function resolveWinrmOptions(given: Readonly<WinrmOptions>, _target: Target): Readonly<WinrmOptions> {
  const tls = given.ssl || given.winrmTransport === 'ssl'
  if (given.winrmTransport === 'plaintext' && tls) refuse('winrmTransport', 'plaintext and ssl contradict each other', 'Leave one of them out.')
  if (given.winrmBasicAuthOnly && !tls && given.winrmTransport !== 'plaintext') {
    refuse('winrmBasicAuthOnly', 'Basic authentication would send the password in clear', "Set ssl: true, or winrmTransport: 'plaintext' if that is what you want.")
  }
  if ((given.clientCert === undefined) !== (given.clientKey === undefined)) refuse('clientKey', 'clientCert and clientKey belong together', 'Give both files.')
  if (given.clientCert !== undefined && !tls) refuse('clientCert', 'a client certificate needs TLS', 'Set ssl: true.')
  if (given.sslPeerFingerprint !== undefined && !fingerprintPattern.test(given.sslPeerFingerprint)) {
    refuse('sslPeerFingerprint', 'sslPeerFingerprint is neither a SHA-1 nor a SHA-256 in hex', 'Give 40 or 64 hex digits, with or without colons.')
  }
  if (given.socksProxy !== undefined || given.socksUser !== undefined || given.socksPassword !== undefined) {
    refuse('socksProxy', 'A SOCKS proxy is an option of every transport here, in one piece', `Write proxy: 'socks5h://user:password@${given.socksProxy ?? 'host:port'}'.`)
  }
  if (given.operationTimeout < 1000) refuse('operationTimeout', 'operationTimeout is below one second', 'Windows takes 1 to 60 seconds.')
  if (given.maxEnvelopeSize !== undefined && given.maxEnvelopeSize < 32_768) refuse('maxEnvelopeSize', 'maxEnvelopeSize is below 32768 bytes', 'Leave it out to ask the server.')
  const path = given.path === '' || given.path === '/' ? '/wsman' : given.path.startsWith('/') ? given.path : `/${given.path}`
  return { ...given, ssl: tls, port: given.port ?? (tls ? 5986 : 5985), path }
}

const fingerprintPattern = /^(?:[0-9a-f]{2}:?){20}$|^(?:[0-9a-f]{2}:?){32}$/i

function refuse(option: string, message: string, hint: string): never {
  throw new TransportError('INVALID_OPTIONS', message, { hint, details: { option } })
}
