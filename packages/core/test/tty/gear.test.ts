import { describe, expect, test } from 'vitest'
import { answerOf, atPager, atPagerEnd, atPrompt } from '../../src/tty/answer.js'
import { dialects } from '../../src/tty/dialects/tables.js'
import { screens } from './vectors.js'

const dialect = (name: string) => dialects.get(name)!

describe('prompts', () => {
  test.each([
    ['ios', 'r1> '], ['ios', 'vm# '], ['ios', 'vm(config)# '], ['ios', 'Switch#'], ['ios', 'R1(config-if)#'], ['nxos', 'n9k-1# '], ['eos', 'leaf1.lab#'], ['eos', 'leaf1(config-s-a)#'],
    ['junos', 'admin@mx1> '], ['junos', 'admin@mx1# '], ['u-boot', '=> '], ['grub', 'grub> '], ['grub', 'grub rescue> '], ['powershell', 'PS C:\\Users\\a> '], ['cmd', 'C:\\Windows>'], ['sac', 'SAC>'],
  ])('%s: %j', (name, text) => { expect(atPrompt(`some output\r\n${text}`, dialect(name).prompt)).toBe(true) })

  test.each([['ios', 'Password: '], ['ios', '  interface e0/1>x'], ['junos', 'error: syntax'], ['u-boot', 'a => b'], ['grub', 'grub>x']])('%s: not %j', (name, text) => {
    expect(atPrompt(text, dialect(name).prompt)).toBe(false)
  })
})

describe('the recorded frr', () => {
  const vtysh = screens(/^gear\/vtysh$/)
  const of = (typed: string) => vtysh.find(({ after }) => after === typed)?.text ?? ''

  test('starts in a pager that only q leaves', () => {
    expect([atPager(vtysh[0]!.text), atPagerEnd(vtysh[0]!.text)]).toEqual([true, true])
    expect(atPrompt(of('q'), dialect('ios').prompt)).toBe(true)
  })

  test.each([['foo\r', '% Unknown command: foo\n'], ['sh r\r', '% Ambiguous command: sh r\n'], ['show\r', '% Command incomplete: show\n']])('%j', (typed, answer) => {
    const text = answerOf(of(typed), typed.trim())
    expect(text).toBe(answer)
    expect(dialect('ios').error.test(text)).toBe(true)
  })

  test('an answer of the daemon vty', () => {
    const { text } = screens(/^gear\/frr-vty-telnet$/).find(({ after }) => after === 'list\r\n')!
    const answer = answerOf(text, 'list')
    expect(answer.split('\n')[0]).toBe('    show version')
    expect(answer).not.toContain('r1>')
    expect(dialect('ios').error.test(answer)).toBe(false)
  })

  test('what a pager painted is gone', () => {
    expect(answerOf('show x\r\none\r\n--More--\r        \rtwo\r\nr1# ', 'show x')).toBe('one\ntwo\n')
  })
})
