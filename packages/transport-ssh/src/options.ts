// Every option of ssh:// as data. Nothing here that runs a program, reads a local file, chooses an endpoint or weakens a check may come from
// a URL. What has no default is taken from ssh_config before OpenSSH's own default applies.
import type { OptionSpec, Secret } from '@train-ts/core'
import type { HostKeyMode } from './host-key-info.js'

/** As `open` gets them. */
export interface SshOptions {
  readonly host: string
  readonly port: number | undefined
  readonly user: string | undefined
  readonly password: Secret | undefined
  readonly keyFiles: readonly string[] | undefined
  readonly privateKey: Secret | undefined
  readonly passphrase: Secret | undefined
  readonly certificateFiles: readonly string[] | undefined
  readonly agent: string | boolean | undefined
  readonly identitiesOnly: boolean | undefined
  readonly authMethods: readonly string[] | undefined
  readonly nonInteractive: boolean | undefined
  readonly hostKeys: HostKeyMode | undefined
  readonly hostKeyFingerprint: readonly string[] | undefined
  readonly hostKeyAlias: string | undefined
  readonly knownHosts: readonly string[] | undefined
  readonly hashKnownHosts: boolean | undefined
  readonly hostCertificates: boolean | undefined
  readonly requiredRsaSize: number | undefined
  readonly sshConfig: boolean | string | readonly string[]
  readonly allowMatchExec: boolean
  readonly proxyJump: readonly string[] | undefined
  readonly proxyCommand: string | undefined
  readonly bastionHost: string | undefined
  readonly bastionUser: string | undefined
  readonly bastionPort: number | undefined
  readonly kexAlgorithms: readonly string[] | undefined
  readonly ciphers: readonly string[] | undefined
  readonly macs: readonly string[] | undefined
  readonly hostKeyAlgorithms: readonly string[] | undefined
  readonly appendAllSupportedAlgorithms: boolean
  readonly compression: boolean | undefined
  readonly compressionLevel: number | undefined
  readonly keepalive: boolean
  readonly keepaliveInterval: number | undefined
  readonly keepaliveCountMax: number | undefined
  readonly connectionRetries: number
  readonly connectionRetrySleep: number
  readonly forwardAgent: boolean | undefined
  readonly setEnv: Readonly<Record<string, string>> | undefined
  readonly sendEnv: readonly string[] | undefined
  readonly pty: boolean
  readonly maxSessions: number
}

type Given<Value> = Value extends Secret | undefined
  ? string | Uint8Array | Secret
  : Value extends readonly string[] | undefined
    ? string | readonly string[]
    : Value

/** What a caller writes: text for secrets, one text for a list of one, seconds where the table says so. */
export type GivenSshOptions = { readonly [Name in keyof SshOptions]?: Given<SshOptions[Name]> | undefined }

const fromUrl = { url: true, plain: true } as const

export const options: { readonly [Name in keyof SshOptions]-?: OptionSpec } = {
  host: { type: 'string', from: 'host', required: true, describe: 'Name or address of the machine, or a Host of ssh_config.' },
  port: { type: 'integer', from: 'port', describe: 'Port of its SSH server; 22 where nothing else is said.' },
  user: { type: 'string', from: 'user', describe: 'Who logs in; your own name where nothing else is said.' },
  password: { type: 'secret', from: 'password', describe: 'Password of that user. It is sent once, never retried.' },
  keyFiles: { type: 'list', aliases: ['keys', 'identityFile'], describe: 'Private keys by path, tried in this order before anything else.' },
  privateKey: { type: 'secret', aliases: ['keyData'], describe: 'A private key as text.' },
  passphrase: { type: 'secret', describe: 'Opens encrypted keys; without it `onPrompt` is asked.' },
  certificateFiles: { type: 'list', describe: 'User certificates for those keys; `KEY-cert.pub` beside a key is found by itself.' },
  agent: { type: 'value', describe: 'Socket of an ssh-agent; false for none. Default: IdentityAgent of ssh_config, else SSH_AUTH_SOCK.' },
  identitiesOnly: { type: 'boolean', aliases: ['keysOnly'], ...fromUrl, describe: 'Offer only keys that are named here or in ssh_config.' },
  authMethods: {
    type: 'list',
    values: ['none', 'publickey', 'password', 'keyboard-interactive'],
    aliases: ['preferredAuthentications'],
    describe: 'The methods to try, in this order.',
  },
  nonInteractive: { type: 'boolean', aliases: ['batchMode'], ...fromUrl, describe: 'Never ask anything: `onPrompt` is not called.' },
  hostKeys: {
    type: 'value',
    aliases: ['verifyHostKey', 'strictHostKeyChecking'],
    describe: "'strict' (default): known_hosts must hold the host's key. 'accept-new': an unknown host is added to it. Or a function that decides.",
  },
  hostKeyFingerprint: { type: 'list', aliases: ['fingerprint'], describe: 'The host key must be one of these (`SHA256:…`), whatever known_hosts holds.' },
  hostKeyAlias: { type: 'string', describe: 'The name under which known_hosts knows the host.' },
  knownHosts: { type: 'list', aliases: ['userKnownHostsFile'], describe: "known_hosts files; new hosts go into the first. Default: the user's and the system's." },
  hashKnownHosts: { type: 'boolean', describe: 'Write the names of new hosts as hashes.' },
  hostCertificates: { type: 'boolean', describe: 'Accept host certificates that a @cert-authority of known_hosts signed (ed25519 and ecdsa).' },
  requiredRsaSize: { type: 'integer', describe: 'The smallest RSA host key that is accepted; default 2048.' },
  sshConfig: { type: 'value', default: true, aliases: ['sshConfigFile', 'config'], describe: "Read ssh_config: true for the user's and the system's, false for none, or paths." },
  allowMatchExec: { type: 'boolean', default: false, describe: 'Let `Match exec` of ssh_config run its programs.' },
  proxyJump: { type: 'list', describe: 'Jump hosts in their order, each `[user@]host[:port]`; `none` for none.' },
  proxyCommand: { type: 'string', describe: 'A program whose stdin and stdout are the connection; %h and %p stand for host and port.' },
  bastionHost: { type: 'string', describe: 'A jump host.' },
  bastionUser: { type: 'string', describe: 'Who logs in there.' },
  bastionPort: { type: 'integer', describe: 'The port of its SSH server.' },
  kexAlgorithms: { type: 'list', aliases: ['kex'], describe: 'Key exchanges, in order; `+name` adds to the defaults, `-name` takes away, `^name` puts first.' },
  ciphers: { type: 'list', aliases: ['encryption'], describe: 'Ciphers, in the same way.' },
  macs: { type: 'list', aliases: ['hmac'], describe: 'MACs, in the same way.' },
  hostKeyAlgorithms: { type: 'list', aliases: ['hostKeyAlgorithm'], describe: 'Host key algorithms, in the same way.' },
  appendAllSupportedAlgorithms: { type: 'boolean', default: false, describe: 'Offer old and weak algorithms too, after all others. For old devices only.' },
  compression: { type: 'boolean', ...fromUrl, describe: 'Compress what is sent, if the server can.' },
  compressionLevel: { type: 'integer', ...fromUrl, describe: 'Accepted for Train; the level is fixed.' },
  keepalive: { type: 'boolean', default: true, ...fromUrl, describe: 'Ask the server now and then whether it is still there.' },
  keepaliveInterval: { type: 'seconds', ...fromUrl, aliases: ['serverAliveInterval'], describe: 'Seconds between two such questions; 60 where nothing else is said.' },
  keepaliveCountMax: { type: 'integer', ...fromUrl, aliases: ['serverAliveCountMax'], describe: 'Unanswered questions after which the connection is lost; 3.' },
  connectionRetries: { type: 'integer', default: 0, ...fromUrl, describe: 'How often to try again when the host cannot be reached. A refused login is never repeated.' },
  connectionRetrySleep: { type: 'seconds', default: 1, ...fromUrl, describe: 'Seconds between two attempts.' },
  forwardAgent: { type: 'boolean', describe: 'Let the far side use your ssh-agent. Whoever is root there can then log in as you elsewhere.' },
  setEnv: { type: 'value', describe: 'Variables for every command, where the server takes them (AcceptEnv).' },
  sendEnv: { type: 'list', describe: 'Names of your own variables to send along; `*` and `?` are patterns.' },
  pty: { type: 'boolean', default: false, ...fromUrl, describe: 'Give every command a terminal. stderr then arrives as stdout.' },
  maxSessions: { type: 'integer', default: 7, ...fromUrl, aliases: ['maxSshConnections'], describe: 'Commands at once on one connection; stock sshd allows 10 and frees them late.' },
}
