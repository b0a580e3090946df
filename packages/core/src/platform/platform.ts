// From what the far side said to what it is. Pure: fields and tables.
import type { Platform } from '../connection.js'
import type { PlatformHint } from '../driver.js'
import { parseAssignments } from './os-release.js'
import { bsdByKernel, macNames } from './specs/bsd.js'
import { familiesOf } from './specs/families.js'
import { familyByLike, linuxById, linuxByReleaseFile } from './specs/linux.js'
import type { LinuxSpec } from './specs/linux.js'
import { readUuid } from './uuid.js'

/** What detection found: `kernel`, `arch`, `os-release`, … See detect-script.ts. */
export type Fields = ReadonlyMap<string, string>

/** Pairs of fields that end with NUL. */
export function parseFields(body: Uint8Array): Fields {
  const parts = Buffer.from(body).toString('utf8').split('\0')
  const fields = new Map<string, string>()
  for (let index = 0; index + 1 < parts.length; index += 2) fields.set(parts[index] ?? '', parts[index + 1] ?? '')
  return fields
}

/** Never fails: what no table knows gets the name that it gives itself, and the widest family that is certain. */
export function identify(fields: Fields): Platform {
  const kernel = fields.get('kernel')?.trim() ?? ''
  const arch = nonEmpty(fields.get('arch')?.trim())
  const found = kernel === 'Linux' || (kernel === '' && fields.has('os-release')) ? linux(fields) : other(kernel, fields)
  return platformOf({ ...found, arch, uuid: readUuid(fields) })
}

/** What a driver knows without asking: a name, or at least a family. */
export function platformFromHint({ name, family, release, arch }: PlatformHint): Platform | undefined {
  const known = name ?? family
  return known === undefined ? undefined : platformOf({ name: known, family: family ?? known, release, arch, title: known, uuid: undefined })
}

function platformOf(found: Found & Pick<Platform, 'arch' | 'uuid'>): Platform {
  const families = familiesOf(found.family)
  const is = (name: string): boolean => name === found.name || families.includes(name)
  // Not enumerable: a platform compares and prints as plain data.
  return Object.freeze(Object.defineProperty({ ...found, families }, 'is', { value: is, enumerable: false })) as Platform // defineProperty does not tell the type checker what it added
}

type Found = Pick<Platform, 'name' | 'family' | 'release' | 'title'>

function linux(fields: Fields): Found {
  const release = parseAssignments(fields.get('os-release') ?? '')
  const id = normalise(release.get('ID') ?? '')
  const byFile = linuxByReleaseFile.find(({ file, says }) => says.test(fields.get(file) ?? '\0') && fields.has(file))?.id
  // Raspbian's 64-bit successor calls itself Debian.
  const spec = id === 'debian' && fields.has('raspi-config') ? linuxById['raspbian'] : linuxById[id === '' ? (byFile ?? '') : id]
  const title = nonEmpty(release.get('PRETTY_NAME') ?? release.get('NAME'))
  if (spec !== undefined) return { name: spec.name, family: spec.family ?? 'linux', release: linuxRelease(spec, release, fields), title: title ?? spec.title }
  const likes = (release.get('ID_LIKE') ?? '').toLowerCase().split(/\s+/)
  const like = likes.map((word) => familyByLike[word]).find((family) => family !== undefined)
  const version = nonEmpty(release.get('VERSION_ID')) ?? nonEmpty(release.get('BUILD_ID'))
  return { name: id === '' ? 'linux' : id.replaceAll('-', '_'), family: like ?? 'linux', release: version ?? nonEmpty(fields.get('kernel-release')?.trim()), title: title ?? 'Linux' }
}

function linuxRelease(spec: LinuxSpec, release: ReadonlyMap<string, string>, fields: Fields): string | undefined {
  const fromDebian = spec.release === 'debian_version' ? nonEmpty(fields.get('debian_version')?.trim()) : undefined
  const fromRedHat = spec.release === 'redhat-release' ? versionIn(fields.get('redhat-release')) : undefined
  return (
    fromDebian ??
    fromRedHat ??
    nonEmpty(release.get('VERSION_ID')) ??
    nonEmpty(release.get('BUILD_ID')) ??
    nonEmpty(parseAssignments(fields.get('lsb-release') ?? '').get('DISTRIB_RELEASE')) ??
    ['oracle-release', 'enterprise-release', 'system-release', 'redhat-release', 'alpine-release', 'SuSE-release', 'gentoo-release', 'slackware-version', 'debian_version'].map((file) => versionIn(fields.get(file))).find((version) => version !== undefined) ??
    nonEmpty(fields.get('kernel-release')?.trim())
  )
}

/** `… release 7.9.2009 (Core)`, `3.19.1`, `VERSION = 11`. */
function versionIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  return /release (\d[\d.]*)/i.exec(text)?.[1] ?? /VERSION = (\d+)/.exec(text)?.[1] ?? /(\d+(?:\.\d+)*)/.exec(text)?.[1]
}

function other(kernel: string, fields: Fields): Found {
  const release = nonEmpty(fields.get('kernel-release')?.trim())
  const spec = bsdByKernel[kernel]
  if (spec === undefined) {
    const name = normalise(kernel).replaceAll('-', '_')
    return name === '' ? { name: 'unknown', family: 'unknown', release: undefined, title: 'Unknown' } : { name, family: 'unix', release, title: kernel }
  }
  const version = fields.get('mac-version')
  if (version === undefined || !macNames.test(version)) return { name: spec.name, family: spec.family, release, title: spec.title }
  const mac = /<key>ProductVersion<\/key>\s*<string>([^<]+)<\/string>/.exec(version)?.[1]
  return { name: 'mac_os_x', family: 'darwin', release: mac ?? release, title: 'macOS X' }
}

function normalise(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, '_')
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value
}
