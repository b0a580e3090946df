import { describe, expect, it } from 'vitest'
import { coreOptions } from '../src/core-options.js'
import { describeOptions, optionsMarkdown } from '../src/describe-options.js'
import type { OptionSpec } from '../src/driver.js'

const options: Record<string, OptionSpec> = {
  host: { type: 'string', from: 'host', required: true, describe: 'The machine.' },
  execution_timeout: { type: 'seconds', default: 60, url: true, plain: true, describe: 'Limit of a command.' },
  pollDelay: { type: 'milliseconds', default: 250, aliases: ['delay', { name: 'recheck', type: 'seconds' }], describe: 'Pause.' },
  mode: { type: 'string', values: ['a', 'b'], default: 'a', url: true, describe: 'This | that.' },
  keyFiles: { type: 'list', default: [], describe: 'Keys.' },
  password: { type: 'secret', default: 'hunter2', describe: 'Password.' },
  check: { type: 'value', default: () => true, describe: 'A check.' },
  tags: { type: 'string', prefix: 'tag:', url: true, describe: 'Tags.' },
}

describe('for --help', () => {
  it('columns stand in line', () => {
    expect(describeOptions(options)).toBe(
      [
        '  host              text     URL  The machine. [required]',
        '  executionTimeout  seconds  URL  Limit of a command. [default: 60 s; also: execution_timeout]',
        '  pollDelay         ms            Pause. [default: 250 ms; also: delay, recheck (seconds)]',
        '  mode              a | b    URL  This | that. [default: a]',
        '  keyFiles          list          Keys. [default: []]',
        '  password          secret        Password. [default: set]',
        '  check             value         A check. [default: a function]',
        '  tag:…             text     URL  Tags. [also: tags]',
        '',
      ].join('\n'),
    )
  })

  it('of no options is nothing', () => {
    expect(describeOptions({})).toBe('')
  })
})

describe('for a README', () => {
  it('is a table whose cells cannot break it', () => {
    expect(optionsMarkdown(options).split('\n')).toEqual([
      '| option | type | default | in a URL | what for |',
      '|---|---|---|---|---|',
      '| `host` | text | required | yes | The machine. |',
      '| `executionTimeout`<br>also `execution_timeout` | seconds | `60 s` | yes | Limit of a command. |',
      '| `pollDelay`<br>also `delay`<br>also `recheck (seconds)` | ms | `250 ms` |  | Pause. |',
      '| `mode` | a \\| b | `a` | yes | This \\| that. |',
      '| `keyFiles` | list | `[]` |  | Keys. |',
      '| `password` | secret | `set` |  | Password. |',
      '| `check` | value | `a function` |  | A check. |',
      '| `tag:…`<br>also `tags` | text |  | yes | Tags. |',
      '',
    ])
  })

  it('core’s own options have one, too', () => {
    expect(optionsMarkdown(coreOptions)).toMatch(/\| `connectTimeout`<br>also `connection_timeout \(seconds\)` \| ms \| `30000 ms` \| yes \|/)
  })
})
