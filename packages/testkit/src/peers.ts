// Real peers of tests: programs that somebody else wrote. A missing one is a skip with its reason, never a silent pass.
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'

export interface Peer {
  readonly name: string
  readonly available: boolean
  /** Where it is: a program, a directory, or what the variable of the environment holds. */
  readonly path: string | undefined
  /** Why it is not available, and what to do. */
  readonly reason: string | undefined
}

/** One line of `.ci/peers`. */
export interface PeerEntry {
  readonly name: string
  /** undefined: nothing that can be installed here, such as Windows. */
  readonly debianPackage: string | undefined
  readonly places: readonly string[]
}

export interface PeerOptions {
  /** Default: `process.env`. */
  readonly environment?: NodeJS.ProcessEnv
  /** Default: the entries of the nearest `.ci/peers` at or above the working directory. */
  readonly entries?: readonly PeerEntry[]
}

/**
 * Looks for a real peer: by its line in `.ci/peers`, else as a program of that name. `root` is available where the tests run as root.
 * With TRAIN_REQUIRE_PEERS=1 it throws where a peer that has a Debian package is missing.
 */
export function peer(name: string, options: PeerOptions = {}): Peer {
  const environment = options.environment ?? process.env
  if (name === 'root') return asRoot()
  const entry = (options.entries ?? readPeers()).find((line) => line.name === name)
  const path = (entry?.places ?? [name]).map((place) => locate(place, environment)).find((found) => found !== undefined)
  if (path !== undefined) return { name, available: true, path, reason: undefined }
  const remedy = entry?.debianPackage === undefined ? 'it cannot be installed here' : `on Debian: apt-get install ${entry.debianPackage}`
  if (environment['TRAIN_REQUIRE_PEERS'] === '1' && entry?.debianPackage !== undefined) {
    throw new Error(`The peer '${name}' is required (TRAIN_REQUIRE_PEERS=1) and missing; ${remedy}`)
  }
  return { name, available: false, path: undefined, reason: `no ${name} (${remedy})` }
}

/** Reads the lines of a `.ci/peers`; pure. */
export function parsePeers(text: string): readonly PeerEntry[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return lines.flatMap((line) => {
    const [name, debianPackage, ...places] = line.split(/\s+/)
    if (name === undefined || name === '') return []
    return [{ name, debianPackage: debianPackage === '-' ? undefined : debianPackage, places: places.length === 0 ? [name] : places }]
  })
}

function readPeers(): readonly PeerEntry[] {
  for (let directory = process.cwd(); ; directory = dirname(directory)) {
    const file = join(directory, '.ci', 'peers')
    if (existsSync(file)) return parsePeers(readFileSync(file, 'utf8'))
    if (directory === dirname(directory)) return []
  }
}

function asRoot(): Peer {
  const available = process.getuid?.() === 0
  return { name: 'root', available, path: undefined, reason: available ? undefined : 'not run as root' }
}

function locate(place: string, environment: NodeJS.ProcessEnv): string | undefined {
  if (place.startsWith('$')) return environment[place.slice(1)] || undefined
  if (isAbsolute(place)) return existsSync(place) ? place : undefined
  // An ordinary user's PATH has no sbin, where sshd and dropbear are.
  const directories = [...(environment['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return directories.map((directory) => join(directory, place)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
