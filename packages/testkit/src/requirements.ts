// Grounds for a skip, each read from what the driver itself declares.
import type { Capabilities } from '@train-ts/core'
import type { Declared, Requirement } from './case.js'
import type { Commands } from './commands/commands.js'

/** All of them hold, or the reason of the first that does not. */
export function all(...requirements: readonly Requirement[]): Requirement {
  return (declared) => requirements.map((requirement) => requirement(declared)).find((answer) => answer !== true) ?? true
}

type Flag = { [Name in keyof Capabilities]: Capabilities[Name] extends boolean ? Name : never }[keyof Capabilities]

export function declares(...flags: readonly Flag[]): Requirement {
  return ({ capabilities }) => {
    const missing = flags.filter((flag) => !capabilities[flag])
    return missing.length === 0 ? true : `declares no ${missing.join(', no ')}`
  }
}

export function lacks(flag: Flag): Requirement {
  return ({ capabilities }) => (capabilities[flag] ? `declares ${flag}` : true)
}

export function stdin(...kinds: readonly Capabilities['stdin'][]): Requirement {
  return ({ capabilities }) => (kinds.includes(capabilities.stdin) ? true : `declares stdin '${capabilities.stdin}'`)
}

export const dials: Requirement = ({ driver }) => (driver.dials === true ? true : 'does not dial through context.dial')

export function offers(name: Offer): Requirement {
  return (declared) => (declared.offers.has(name) ? true : `offers no ${name}`)
}

export function offersNo(name: Offer): Requirement {
  return (declared) => (declared.offers.has(name) ? `offers ${name}` : true)
}

type Offer = Declared['offers'] extends ReadonlySet<infer Name> ? Name : never

/** At least `count` execs at once. */
export function concurrency(count: number): Requirement {
  return ({ capabilities }) => (capabilities.concurrency >= count ? true : `declares concurrency ${String(capabilities.concurrency)}`)
}

/** A limit that is not Infinity. */
export function limited(name: keyof Capabilities['limits']): Requirement {
  return ({ capabilities }) => (Number.isFinite(capabilities.limits[name]) ? true : `declares no limit of ${name}`)
}

export const posix: Requirement = ({ shell }) => (shell === 'posix' ? true : `its shell is ${shell ?? 'unknown'}`)

/** The kit has commands for the far shell, and that one among them. */
export function can(...names: readonly (keyof Commands)[]): Requirement {
  return ({ commands, shell }) => {
    if (commands === undefined) return `the kit has no commands for a shell that is ${shell ?? 'unknown'}`
    const missing = names.find((name) => commands[name] === undefined)
    return missing === undefined ? true : `the kit has no ${missing} for ${shell ?? 'this shell'}`
  }
}
