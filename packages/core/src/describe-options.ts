// Tables of options as text: for `--help`, and for a README.
import type { AnyDriver, OptionSpec } from './driver.js'
import { toCamelCase } from './option-table.js'

type Options = AnyDriver['options']

const units: { readonly [Type in OptionSpec['type']]: string } = {
  string: 'text',
  boolean: 'true or false',
  integer: 'number',
  seconds: 'seconds',
  milliseconds: 'ms',
  list: 'list',
  secret: 'secret',
  value: 'value',
}

interface Row {
  readonly name: string
  readonly type: string
  readonly default: string
  readonly aliases: readonly string[]
  readonly url: boolean
  readonly describe: string
}

function rowOf(key: string, spec: OptionSpec): Row {
  const name = spec.prefix === undefined ? toCamelCase(key) : `${spec.prefix}…`
  const aliases = (spec.aliases ?? []).map((alias) => (typeof alias === 'string' ? alias : `${alias.name} (${units[alias.type]})`))
  const own = [key, ...(spec.prefix === undefined ? [] : [toCamelCase(key)])].filter((spelling) => spelling !== name)
  return {
    name,
    type: spec.values?.join(' | ') ?? units[spec.type],
    default: spec.required === true ? 'required' : defaultOf(spec),
    aliases: [...new Set([...own, ...aliases])],
    url: spec.url === true || spec.from !== undefined,
    describe: spec.describe,
  }
}

function defaultOf({ type, default: value }: OptionSpec): string {
  if (value === undefined) return ''
  if (type === 'secret') return 'set'
  const text = typeof value === 'string' ? value : typeof value === 'function' ? 'a function' : JSON.stringify(value)
  return type === 'seconds' ? `${text} s` : type === 'milliseconds' ? `${text} ms` : text
}

/** Aligned columns for a terminal: name, type, `URL` where a URL may set it, and what it is for. */
export function describeOptions(options: Options): string {
  const rows = Object.entries(options).map(([key, spec]) => rowOf(key, spec))
  const width = (pick: (row: Row) => string): number => Math.max(0, ...rows.map((row) => pick(row).length))
  const names = width((row) => row.name)
  const types = width((row) => row.type)
  const lines = rows.map((row) => {
    const notes = [row.default === '' ? '' : row.default === 'required' ? 'required' : `default: ${row.default}`, row.aliases.length === 0 ? '' : `also: ${row.aliases.join(', ')}`].filter((note) => note !== '')
    return `  ${row.name.padEnd(names)}  ${row.type.padEnd(types)}  ${row.url ? 'URL' : '   '}  ${row.describe}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}`
  })
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

/** A table in Markdown. */
export function optionsMarkdown(options: Options): string {
  const code = (text: string): string => (text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``)
  const lines = Object.entries(options).map(([key, spec]) => {
    const row = rowOf(key, spec)
    const defaults = row.default === '' || row.default === 'required' ? row.default : code(row.default)
    const names = [code(row.name), ...row.aliases.map((alias) => `also ${code(alias)}`)].join('<br>')
    return `| ${names} | ${row.type.replaceAll('|', '\\|')} | ${defaults} | ${row.url ? 'yes' : ''} | ${row.describe.replaceAll('|', '\\|')} |`
  })
  return ['| option | type | default | in a URL | what for |', '|---|---|---|---|---|', ...lines, ''].join('\n')
}
