// The command line of bootstrap.ts as data: parsed and checked before anything is connected.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

export type Product = 'cinc' | 'chef'

/** What the node shall become. */
export interface NodeSettings {
  readonly nodeName: string
  readonly version: string | undefined
  readonly serverUrl: string | undefined
  readonly runList: readonly string[]
  readonly product: Product
  readonly license: string | undefined
  readonly validationClient: string | undefined
  /** A secret: it goes into a file that only root reads, never into a command line. */
  readonly validationKey: string | undefined
  /** Where to download the installer; default: omnitruck's. */
  readonly installerUrl: string | undefined
  /** A script in the place of that. */
  readonly installer: { readonly name: string; readonly text: string } | undefined
  /** Everything is written below this directory; '' is the machine itself. */
  readonly prefix: string
}

export interface Settings {
  readonly url: string
  readonly node: NodeSettings
  /** For `connect`: `--option`, `--secret`, `--sudo`, `--connect-timeout`. */
  readonly connectOptions: Readonly<Record<string, unknown>>
  readonly temporaryDirectory: string
  readonly keyMayBeStored: boolean
  readonly dryRun: boolean
  readonly verbose: boolean
}

/** A mistake on the command line: exit code 2. */
export class UsageError extends Error {}

export const usage = `Usage: npx tsx examples/bootstrap.ts URL [options]

Installs Cinc or Chef Infra Client, or whatever a script of yours installs, on the machine that URL names:
ssh://root@host, awsssm://i-0123456789abcdef0, local:, or any other transport.

  --node-name NAME            name of the node; default: the URL's host
  --bootstrap-version V       version to install; default: the newest
  --server-url URL            Chef server; without it the client is installed and configured, not run
  --run-list LIST             recipe[a],role[b]
  --product cinc|chef         which client; default cinc. Chef's needs --chef-license
  --chef-license WORD         accept, accept-silent or accept-no-persist: your decision, so it has no default
  --validation-client NAME    client with which the node registers itself
  --validation-key FILE       its key; stays out of every command line
  --key-may-be-stored         allow that over a transport that keeps what it carries (Run Command does)
  --bootstrap-url URL         download the installer from here; it is called as omnitruck's is: -P cinc [-v V]
  --installer FILE            run this script instead of downloading one; it finds BOOTSTRAP_NODE_NAME, _VERSION, _SERVER_URL,
                              _RUN_LIST, _PREFIX and _CONFIG_DIRECTORY in its environment
  --prefix DIRECTORY          write below this directory; only with --installer
  --temporary-directory DIR   where the script waits on the machine; default /tmp
  --sudo                      become root by sudo
  --option NAME=VALUE         an option of the transport, such as keyFiles=~/.ssh/deploy; may be repeated
  --secret NAME=VARIABLE      the same, its value taken from that environment variable: password=SSH_PASSWORD
  --connect-timeout SECONDS   default 30
  --dry-run                   connect and detect; print the script, upload and run nothing
  --verbose                   causes and stacks of errors
  --help                      this text; with a URL also the options of its transport

Exit code: that of the script on the machine; 1 for what fails around it, 2 for a mistake on this command line, 130 after Ctrl-C.
`

const flags = {
  'node-name': { type: 'string' }, 'bootstrap-version': { type: 'string' }, 'server-url': { type: 'string' }, 'run-list': { type: 'string' },
  'bootstrap-url': { type: 'string' }, product: { type: 'string', default: 'cinc' }, 'chef-license': { type: 'string' }, 'validation-client': { type: 'string' }, 'validation-key': { type: 'string' },
  'key-may-be-stored': { type: 'boolean', default: false }, installer: { type: 'string' }, prefix: { type: 'string', default: '' },
  'temporary-directory': { type: 'string', default: '/tmp' }, sudo: { type: 'boolean', default: false }, option: { type: 'string', multiple: true },
  secret: { type: 'string', multiple: true }, 'connect-timeout': { type: 'string' }, 'dry-run': { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
} as const

/** 'help': nothing but help was asked for, of this URL's transport where there is one. */
export function parseSettings(parameters: readonly string[], environment: NodeJS.ProcessEnv): Settings | { readonly help: string | undefined } {
  const { values, positionals } = parse(parameters)
  const [url, ...others] = positionals
  if (values.help) return { help: url }
  if (url === undefined) throw new UsageError('There is no URL of a machine.')
  if (others.length > 0) throw new UsageError(`One machine at a time: what is '${others[0] ?? ''}'?`)
  const { product, prefix, 'temporary-directory': temporaryDirectory } = values
  if (product !== 'cinc' && product !== 'chef') throw new UsageError('--product is cinc or chef.')
  if (product === 'chef' && values['chef-license'] === undefined && values.installer === undefined) throw new UsageError('Chef Infra Client has a licence: --chef-license accept, or --product cinc.')
  if (prefix !== '' && values.installer === undefined) throw new UsageError('--prefix needs --installer: omnitruck installs packages of the system.')
  for (const path of [prefix, temporaryDirectory]) if (path !== '' && !path.startsWith('/')) throw new UsageError(`'${path}' is a path on the machine, so it begins with a slash.`)
  return {
    url,
    node: {
      nodeName: word('--node-name', values['node-name'] ?? hostOf(url), /^[\w.:-]+$/),
      version: optional(values['bootstrap-version'], (text) => word('--bootstrap-version', text, /^\w[\w.~+-]*$/)),
      serverUrl: optional(values['server-url'], (text) => address('--server-url', text)),
      runList: (values['run-list'] ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '').map((item) => word('--run-list', item, /^((recipe|role)\[[\w:@.-]+\]|[\w:@.-]+)$/)),
      product,
      license: values['chef-license'],
      validationClient: values['validation-client'],
      validationKey: optional(values['validation-key'], (path) => readText('--validation-key', path)),
      installerUrl: optional(values['bootstrap-url'], (text) => address('--bootstrap-url', text)),
      installer: optional(values.installer, (path) => ({ name: path, text: readText('--installer', path) })),
      prefix: prefix.replace(/\/+$/, ''),
    },
    connectOptions: {
      ...(values['connect-timeout'] === undefined ? {} : { connection_timeout: values['connect-timeout'] }),
      ...(values.sudo ? { sudo: true } : {}),
      ...Object.fromEntries((values.option ?? []).map((pair) => split('--option', pair))),
      ...Object.fromEntries((values.secret ?? []).map((pair) => fromEnvironment(pair, environment))),
    },
    temporaryDirectory: temporaryDirectory.replace(/\/+$/, ''),
    keyMayBeStored: values['key-may-be-stored'],
    dryRun: values['dry-run'],
    verbose: values.verbose,
  }
}

function parse(parameters: readonly string[]) {
  try {
    return parseArgs({ args: [...parameters], options: flags, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function optional<Value>(text: string | undefined, read: (text: string) => Value): Value | undefined {
  return text === undefined ? undefined : read(text)
}

/** What ends up in files and command lines of the machine is checked here, and quoted there all the same. */
function word(flag: string, text: string, shape: RegExp): string {
  if (!shape.test(text)) throw new UsageError(`${flag} cannot be '${text}'.`)
  return text
}

function address(flag: string, text: string): string {
  if (!URL.canParse(text) || !/^https?:\/\//.test(text)) throw new UsageError(`${flag} is an address: https://chef.example.com/organizations/acme`)
  return text
}

/** `connect` says what is wrong with a URL; here only a name is taken from it. */
function hostOf(url: string): string {
  return /^[^:/?#]+:\/\/(?:[^/?#]*@)?([^/?#:@]+)/.exec(url)?.[1] ?? 'node'
}

function split(flag: string, pair: string): readonly [name: string, value: string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError(`${flag} is NAME=VALUE.`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

function fromEnvironment(pair: string, environment: NodeJS.ProcessEnv): readonly [name: string, value: string] {
  const [name, variable] = split('--secret', pair)
  const value = environment[variable]
  if (value === undefined || value === '') throw new UsageError(`--secret ${name}: there is no ${variable} in the environment.`)
  return [name, value]
}

function readText(flag: string, path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.includes('\0')) throw new UsageError(`${flag}: ${path} is not text.`)
    return text
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${flag}: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
