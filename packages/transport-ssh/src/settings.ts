// What a connection is made with: options first, then ssh_config, then OpenSSH's own defaults.
import { spawnSync } from 'node:child_process'
import { hostname, homedir, userInfo } from 'node:os'
import { TransportError } from '@train-ts/core'
import { algorithmList } from './algorithms.js'
import type { AlgorithmLists } from './algorithms.js'
import { evaluateConfig } from './config/evaluate.js'
import type { ConfigValues } from './config/evaluate.js'
import { defaultConfigFiles, loadConfig } from './config/load.js'
import { parseTime } from './config/parse.js'
import { expandPath, expandTokens } from './config/tokens.js'
import type { TokenValues } from './config/tokens.js'
import type { HostKeyMode } from './host-key-info.js'
import { parseJumps } from './jump.js'
import type { Jump } from './jump.js'
import { defaultKnownHostsFiles, expandHome } from './known-hosts-files.js'
import type { SshOptions } from './options.js'
import { refuseDash } from './resolve.js'
import { sentEnvironment } from './environment.js'

export interface Settings {
  /** As the user wrote it. */
  readonly host: string
  /** Where to connect. */
  readonly hostName: string
  readonly port: number
  readonly user: string
  /** The name that known_hosts is searched for, and its port. */
  readonly knownAs: { readonly host: string; readonly port: number }
  readonly keyFiles: readonly string[]
  /** From ssh_config: they may be missing, as OpenSSH has it. */
  readonly configuredKeyFiles: readonly string[]
  readonly certificateFiles: readonly string[]
  readonly agent: string | undefined
  readonly agentIsExplicit: boolean
  readonly identitiesOnly: boolean
  readonly authMethods: readonly string[] | undefined
  readonly nonInteractive: boolean
  readonly hostKeys: HostKeyMode
  readonly knownHosts: readonly string[]
  readonly hashKnownHosts: boolean
  readonly hostCertificates: boolean
  readonly requiredRsaSize: number
  readonly jumps: readonly Jump[]
  readonly proxyCommand: string | undefined
  readonly algorithms: AlgorithmLists
  readonly compression: boolean
  readonly keepaliveInterval: number
  readonly keepaliveCountMax: number
  readonly connectTimeout: number | undefined
  readonly retries: number
  readonly forwardAgent: boolean
  readonly environment: readonly (readonly [string, string])[]
}

export async function settle(options: Readonly<SshOptions>): Promise<Settings> {
  const localUser = userInfo().username
  const config = await readConfig(options, localUser)
  const words = (keyword: string): readonly string[] | undefined => config.words(keyword)
  const user = options.user ?? config.word('user') ?? localUser
  const port = options.port ?? wholeNumber(config, 'port') ?? 22
  const hostName = (config.word('hostname')?.replace(/%([h%])/g, (_token, name) => (name === 'h' ? options.host : '%')) ?? options.host).toLowerCase()
  refuseDash('host', hostName)
  refuseDash('user', user)
  const hostKeyAlias = options.hostKeyAlias ?? config.word('hostkeyalias')
  const jumps = jumpsOf(options, config)
  const tokens: TokenValues = {
    hostName, host: options.host, port, user, localUser, home: homedir(), localHost: hostname(), localUid: userInfo().uid,
    hostKeyAlias: hostKeyAlias ?? options.host, proxyJump: jumps.map(({ text }) => text).join(','),
  }
  const path = (text: string): string => expandPath(text, tokens, process.env)
  const everything = options.appendAllSupportedAlgorithms
  const agent = agentOf(options, config, path)
  const knownHosts = [...(words('userknownhostsfile') ?? defaultKnownHostsFiles().slice(0, 2)), ...(words('globalknownhostsfile') ?? defaultKnownHostsFiles().slice(2))]
  const interval = parseTime(config.word('serveraliveinterval') ?? '')
  const timeout = parseTime(config.word('connecttimeout') ?? '')
  return {
    host: options.host,
    hostName,
    port,
    user,
    knownAs: hostKeyAlias === undefined ? { host: hostName, port } : { host: hostKeyAlias, port: 22 },
    keyFiles: options.keyFiles?.map(expandHome) ?? [],
    configuredKeyFiles: config.all('identityfile').filter((file) => file !== 'none').map(path),
    certificateFiles: [...(options.certificateFiles ?? []).map(expandHome), ...config.all('certificatefile').map(path)],
    agent,
    agentIsExplicit: typeof options.agent === 'string' || options.agent === true,
    identitiesOnly: options.identitiesOnly ?? isYes(config, 'identitiesonly') ?? false,
    authMethods: options.authMethods ?? methodsOf(config),
    nonInteractive: options.nonInteractive ?? isYes(config, 'batchmode') ?? false,
    hostKeys: options.hostKeys ?? hostKeysOf(config.word('stricthostkeychecking')),
    knownHosts: options.knownHosts?.map(expandHome) ?? knownHosts.filter((file) => file !== 'none').map(path),
    hashKnownHosts: options.hashKnownHosts ?? isYes(config, 'hashknownhosts') ?? false,
    hostCertificates: options.hostCertificates ?? false,
    requiredRsaSize: options.requiredRsaSize ?? wholeNumber(config, 'requiredrsasize') ?? 2048,
    jumps,
    proxyCommand: proxyCommandOf(options, config, jumps, tokens),
    algorithms: {
      ciphers: algorithmList('ciphers', options.ciphers ?? words('ciphers'), everything),
      macs: algorithmList('macs', options.macs ?? words('macs'), everything),
      kexAlgorithms: algorithmList('kexAlgorithms', options.kexAlgorithms ?? words('kexalgorithms'), everything),
      hostKeyAlgorithms: algorithmList('hostKeyAlgorithms', options.hostKeyAlgorithms ?? words('hostkeyalgorithms'), everything),
    },
    compression: options.compression ?? isYes(config, 'compression') ?? false,
    keepaliveInterval: options.keepalive ? (options.keepaliveInterval ?? (interval === undefined ? 60_000 : interval * 1000)) : 0,
    keepaliveCountMax: options.keepaliveCountMax ?? wholeNumber(config, 'serveralivecountmax') ?? 3,
    connectTimeout: timeout === undefined || timeout === 0 ? undefined : timeout * 1000,
    retries: options.connectionRetries > 0 ? options.connectionRetries : (wholeNumber(config, 'connectionattempts') ?? 1) - 1,
    forwardAgent: options.forwardAgent ?? isYes(config, 'forwardagent') ?? false,
    environment: sentEnvironment(options.sendEnv ?? config.all('sendenv'), options.setEnv ?? assignments(words('setenv')), process.env),
  }
}

async function readConfig(options: Readonly<SshOptions>, localUser: string): Promise<ConfigValues> {
  const { sshConfig } = options
  const files = sshConfig === true ? defaultConfigFiles() : sshConfig === false ? [] : [sshConfig].flat().map(expandHome)
  const loaded = await Promise.all(files.map((file) => loadConfig(file)))
  const matchExec = options.allowMatchExec ? (command: string): boolean => spawnSync('/bin/sh', ['-c', command], { stdio: 'ignore' }).status === 0 : undefined
  return evaluateConfig(loaded, { host: options.host, user: options.user, localUser, matchExec })
}

function isYes(config: ConfigValues, keyword: string): boolean | undefined {
  const word = config.word(keyword)?.toLowerCase()
  return word === undefined ? undefined : word === 'yes' || word === 'true'
}

function wholeNumber(config: ConfigValues, keyword: string): number | undefined {
  const word = config.word(keyword)
  return word !== undefined && /^\d{1,9}$/.test(word) ? Number(word) : undefined
}

/** 'no' of OpenSSH accepts changed keys too; here nothing but a function does. */
function hostKeysOf(word: string | undefined): HostKeyMode {
  return word !== undefined && ['no', 'off', 'accept-new'].includes(word.toLowerCase()) ? 'accept-new' : 'strict'
}

function agentOf(options: Readonly<SshOptions>, config: ConfigValues, path: (text: string) => string): string | undefined {
  if (options.agent === false) return undefined
  if (typeof options.agent === 'string') return expandHome(options.agent)
  const word = config.word('identityagent')
  if (word === 'none') return undefined
  const fromEnvironment = process.env[word === undefined || word === 'SSH_AUTH_SOCK' ? 'SSH_AUTH_SOCK' : word.startsWith('$') ? word.slice(1) : '']
  const socket = word === undefined || word === 'SSH_AUTH_SOCK' || /^\$\w+$/.test(word) ? fromEnvironment : path(word)
  return socket === '' ? undefined : socket
}

/** PreferredAuthentications, less what the configuration switches off. */
function methodsOf(config: ConfigValues): readonly string[] | undefined {
  const off = [['publickey', 'pubkeyauthentication'], ['password', 'passwordauthentication'], ['keyboard-interactive', 'kbdinteractiveauthentication']] as const
  const unwanted = off.filter(([, keyword]) => isYes(config, keyword) === false).map(([method]) => method as string) // a word among words
  const preferred = config.word('preferredauthentications')?.split(',')
  if (preferred === undefined && unwanted.length === 0) return undefined
  return (preferred ?? ['publickey', 'password', 'keyboard-interactive']).filter((method) => !unwanted.includes(method))
}

/** ProxyJump and ProxyCommand exclude each other; what the caller said excludes both. */
function jumpsOf(options: Readonly<SshOptions>, config: ConfigValues): readonly Jump[] {
  if (options.bastionHost !== undefined) return parseJumps([{ host: options.bastionHost, user: options.bastionUser, port: options.bastionPort }])
  if (options.proxyCommand !== undefined) return []
  const words = options.proxyJump ?? (config.word('proxycommand') === undefined ? config.words('proxyjump') : undefined)
  return parseJumps(words ?? [])
}

function proxyCommandOf(options: Readonly<SshOptions>, config: ConfigValues, jumps: readonly Jump[], tokens: TokenValues): string | undefined {
  const command = options.proxyCommand ?? (options.proxyJump === undefined && options.bastionHost === undefined ? config.rest('proxycommand') : undefined)
  if (command === undefined || command.toLowerCase() === 'none' || jumps.length > 0) return undefined
  // The names come from a URL, and the command goes to a shell.
  for (const name of [tokens.host, tokens.hostName, tokens.user]) {
    if (!/^[\w.:%@+[\]-]*$/.test(name)) {
      throw new TransportError('INVALID_OPTIONS', 'This host or user name cannot be used with a ProxyCommand: it holds characters that a shell may interpret.', { details: { option: 'proxyCommand' } })
    }
  }
  return expandTokens(command, tokens)
}

function assignments(words: readonly string[] | undefined): Readonly<Record<string, string>> | undefined {
  if (words === undefined) return undefined
  const pairs = words.filter((word) => word.indexOf('=') > 0).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const)
  return Object.fromEntries<string>(pairs)
}
