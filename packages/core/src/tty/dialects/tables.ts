// The dialects, as tables. `ios` is proved on frr's vtysh, whose command line follows Cisco's; the others are written from their makers' documentation.
import type { Dialect } from './dialect.js'

const ios: Dialect = {
  name: 'ios',
  prompt: /^(?<name>[A-Za-z0-9][\w.:/-]*)(?:\([^)\r\n]*\))?[>#] ?$/,
  setup: ['terminal length 0'],
  privileged: { prompt: /# ?$/, command: 'enable' },
  error: /^\s*% ?\S/m,
  clear: '\u0015',
  leave: ['end', 'exit'],
  version: { command: 'show version', name: 'cisco_ios', family: 'cisco', release: /(?:Version|FRRouting) ([^\s,]+)/ },
  proven: 'frr 8.4 vtysh',
}

const nxos: Dialect = {
  ...without(ios), name: 'nxos', setup: ['terminal length 0', 'terminal width 511'], error: /^\s*(?:% ?|ERROR: |Error: )\S/m,
  version: { command: 'show version', name: 'cisco_nexus', family: 'cisco', release: /(?:NXOS|system):\s+version ([^\s,]+)/ },
}

const eos: Dialect = {
  ...without(ios), name: 'eos', setup: ['terminal length 0', 'terminal width 32767'],
  version: { command: 'show version', name: 'arista_eos', family: 'arista_eos', release: /Software image version: (\S+)/ },
}

const junos: Dialect = {
  name: 'junos',
  prompt: /^(?:\{[^}]*\}\s*)?(?<name>[\w.-]+@[\w.-]+)[>#%] ?$/,
  setup: ['set cli screen-length 0', 'set cli screen-width 0'],
  error: /^(?:\s*\^\s*$|error:|unknown command\.|syntax error)/m,
  clear: '\u0015',
  leave: ['exit'],
  version: { command: 'show version', name: 'juniper', family: 'juniper', release: /Junos: (\S+)/ },
}

const uBoot: Dialect = {
  name: 'u-boot', prompt: /^(?:=>|U-Boot>|[\w-]*u-boot ?#) ?$/i, setup: [], error: /^(?:Unknown command|## Error|Usage:)/m, clear: '\u0003', leave: [],
  version: { command: 'version', name: 'u-boot', family: 'boot-loader', release: /U-Boot (\S+)/ },
}

const grub: Dialect = {
  name: 'grub', prompt: /^grub(?: rescue)?> ?$/, setup: ['set pager=0'], error: /^error: /m, clear: '\u0015', leave: [],
}

const powershell: Dialect = {
  name: 'powershell', prompt: /^PS [^>\r\n]*> ?$/, setup: [], error: /^\s*\+ (?:CategoryInfo|FullyQualifiedErrorId)/m, clear: '\u001b', leave: ['exit'],
}

const cmd: Dialect = {
  name: 'cmd', prompt: /^[A-Za-z]:\\[^>\r\n]*>$/, setup: [], error: /is not recognized as an internal or external command/, clear: '\u001b', leave: ['exit'],
}

/** Windows' Special Administration Console: `cmd` opens a channel, `ch -si 1` goes there. */
const sac: Dialect = { name: 'sac', prompt: /^SAC>$/, setup: [], error: /^(?:Error|Unrecognized command)/m, clear: '', leave: [] }

/** By name. Train's `cisco_ios` is `ios`. */
export const dialects: ReadonlyMap<string, Dialect> = new Map(
  [ios, nxos, eos, junos, uBoot, grub, powershell, cmd, sac].map((dialect) => [dialect.name, dialect]),
)

function without({ proven: _proven, ...dialect }: Dialect): Dialect {
  return dialect
}
