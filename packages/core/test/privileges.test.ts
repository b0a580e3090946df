import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ExecEvent } from '../src/driver.js'
import { Dialogue } from '../src/privileges/dialogue.js'
import { elevationOf } from '../src/privileges/elevation.js'
import type { Elevation } from '../src/privileges/elevation.js'
import { envelope } from '../src/privileges/envelope.js'
import { readRefusal } from '../src/privileges/reasons.js'
import { secret } from '../src/secret.js'

interface Recorded {
  readonly case: string
  readonly via: string
  readonly locale: string
  readonly rc: number
  readonly stdout: string
  readonly stderr: string
  readonly reason: string
}

const { privileges } = JSON.parse(readFileSync(new URL('vectors/posix.json', import.meta.url), 'utf8')) as {
  readonly privileges: readonly Recorded[]
} // recorded from sudo 1.9.13, su and opendoas on Debian 12

describe('the table of reasons, over what sudo, su and doas really said', () => {
  const refused = privileges.filter(({ reason, locale }) => reason !== 'started' && locale === 'C')
  test.each(refused.map((row) => [`${row.case} (${row.via})`, row] as const))('%s', (_title, { case: name, rc, stdout, stderr, reason }) => {
    const method = name.startsWith('su-') ? 'su' : name.startsWith('doas') ? 'doas' : 'sudo'
    const text = stderr + stdout
    const prompts = method === 'sudo' ? text.split('pw-3f9a1c:').length - 1 : /assword: /.test(text) ? 1 : 0
    expect(
      readRefusal(name === 'sudo-missing' ? 'sudo' : method, method, { exitCode: rc, text: text.replaceAll('pw-3f9a1c:', ''), prompts }).reason,
    ).toBe(reason)
  })

  test.each([
    ['sudo-rs, no rule', "sudo: I'm sorry alice. I'm afraid I can't do that\n", 'not_in_sudoers'],
    ['sudo-rs, -n', 'sudo: interactive authentication is required\n', 'sudo_password_required'],
    ['sudo-rs, unknown user', "sudo: user 'nobody9' not found\n", 'sudo_unknown_user'],
    ['sudo-rs, wrong password', 'sudo: Maximum 3 incorrect authentication attempts\n', 'bad_sudo_password'],
    ['sudo-rs, not setuid', 'sudo: sudo must be owned by uid 0 and have the setuid bit set\n', 'sudo_blocked'],
  ])('%s (from its source: it is not in Debian 12)', (_title, text, reason) => {
    expect(readRefusal('sudo', 'sudo', { exitCode: 1, text, prompts: 0 }).reason).toBe(reason)
  })
})

describe('the dialogue', () => {
  const token = 'feedfacefeedface'
  const mark = { token: 'abcdefabcdefabcd', cwd: undefined }

  function talk(elevation: Partial<Elevation> = {}, hasTerminal = false): Dialogue {
    return new Dialogue({
      elevation: { method: 'sudo', user: undefined, password: secret('hunter2'), command: undefined, ...elevation },
      token,
      stream: hasTerminal ? 'stdout' : 'stderr',
      hasTerminal,
      head: Buffer.from('script\n'),
      stdin: 'users input',
      mark,
    })
  }

  async function sent(dialogue: Dialogue): Promise<string> {
    let text = ''
    for await (const chunk of dialogue.stdin()) text += Buffer.from(chunk).toString()
    return text
  }

  const err = (text: string): ExecEvent => ({ type: 'stderr', data: Buffer.from(text) })
  const shown = (events: readonly ExecEvent[]): string =>
    events.map((event) => ('data' in event ? Buffer.from(event.data).toString() : event.type)).join('|')

  test('answers the prompt, then sends the script and the input, and shows the command only', async () => {
    const dialogue = talk()
    const input = sent(dialogue)
    expect(shown(dialogue.take(err(`We trust you have received the lecture\n${token}?`)))).toBe('')
    expect(shown(dialogue.take(err(`\n${token}+12\n${mark.token}+1`)))).toBe('')
    expect(shown(dialogue.take(err('3\nown stderr')))).toBe('own stderr')
    expect(shown(dialogue.take({ type: 'exit', code: 7, signal: null }))).toBe('exit')
    expect(await input).toBe('hunter2\nscript\nusers input')
  })

  test('never sends a password that nobody asked for', async () => {
    const dialogue = talk()
    const input = sent(dialogue)
    dialogue.take(err(`${token}+12\n`))
    expect(await input).toBe('script\nusers input')
  })

  test('output of a script that goes as an argument is kept, though it is here before the word that it has started', () => {
    const elevation = { method: 'sudo', user: undefined, password: undefined, command: undefined } as const
    const dialogue = new Dialogue({ elevation, token, stream: 'stderr', hasTerminal: false, head: undefined, stdin: undefined, mark })
    expect(shown(dialogue.take({ type: 'stdout', data: Buffer.from('out') }))).toBe('')
    expect(shown(dialogue.take(err(`${token}+12\n${mark.token}+13\nerr`)))).toBe('out|err')
  })

  test('a second prompt means that the password was wrong: stdin ends, and the script was not sent', async () => {
    const dialogue = talk()
    const input = sent(dialogue)
    dialogue.take(err(`${token}?`))
    dialogue.take(err(`Sorry, try again.\n${token}?`))
    expect(await input).toBe('hunter2\n')
    expect(() => dialogue.take({ type: 'exit', code: 1, signal: null })).toThrow(
      expect.objectContaining({ code: 'AUTH_FAILED', details: { reason: 'bad_sudo_password' } }) as Error,
    )
  })

  test('a prompt that is split over chunks is one prompt', () => {
    const dialogue = talk()
    for (const character of `${token}?`) dialogue.take(err(character))
    expect(shown(dialogue.take(err(`${token}+9\n`)))).toBe('')
  })

  test('a flood before the start is refused', () => {
    const dialogue = talk()
    expect(() => {
      for (let round = 0; round < 100; round += 1) dialogue.take(err('x'.repeat(1_000)))
    }).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }) as Error)
  })

  test('no password stands in a command line', () => {
    for (const method of ['sudo', 'su', 'doas'] as const) {
      const text = envelope({
        elevation: { method, user: 'app', password: secret('hunter2'), command: undefined },
        token,
        script: { way: 'stdin' },
        hasTerminal: true,
      })
      expect(text).not.toContain('hunter2')
      expect(text).not.toContain(Buffer.from('hunter2').toString('base64'))
    }
  })
})

describe("a call's sudo over the connection's", () => {
  const defaults = { sudo: true, sudoUser: 'app', sudoPassword: secret('pw') }
  test.each([
    ['nothing said', undefined, {}, undefined],
    ['asked for', true, {}, 'sudo root'],
    ["the connection's", undefined, defaults, 'sudo app'],
    ['taken away', false, defaults, undefined],
    ['another user', { user: 'db' }, defaults, 'sudo db'],
    ['another method', { method: 'su' as const }, defaults, 'su app'],
  ])('%s', (_title, call, own, expected) => {
    const elevation = elevationOf(call, own)
    expect(elevation && `${elevation.method} ${elevation.user ?? 'root'}`).toBe(expected)
  })

  test.each([[{ user: '-u' }], [{ user: 'a b' }], [{ user: '' }], [{ password: 'a\nb' }], [{ command: '--edit' }]])('%j is refused', (sudo) => {
    expect(() => elevationOf(sudo, {})).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }) as Error)
  })
})
