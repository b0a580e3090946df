import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loginStep, noLogin } from '../../src/tty/login.js'
import { rungs } from '../../src/tty/ladder.js'
import { readScreen } from '../../src/tty/screen.js'
import { lastLine, looksGarbled, stripTerminal } from '../../src/tty/terminal-text.js'
import { check } from './properties.js'
import { screens, vectors } from './vectors.js'

describe('readScreen on recorded consoles', () => {
  test.each(vectors(/^shell\/.*\/prompt$/).map(({ id, events }) => [id, events.filter(({ sent }) => !sent)[1]?.text ?? ''] as const))('%s', (_id, text) => {
    expect(readScreen(text)).toBe('prompt')
  })

  test.each([
    ['program/less', /^less/, 'full-screen'], ['program/more', /^more/, 'pager'], ['program/vi', /^busybox vi/, 'full-screen'], ['program/python', /^python3/, 'python'],
    ['program/heredoc', /^cat/, 'continuation'], ['program/su', /^su alice/, 'password'], ['program/su', /^bad/, 'prompt'],
    ['login/agetty', /^\r/, 'login'], ['login/agetty', /^alice/, 'password'], ['login/agetty', /^wrong/, 'failed'], ['login/agetty', /^secret/, 'prompt'],
    ['login/expired', /^secret/, 'expired'], ['login/expired', /^nope/, 'failed'], ['login/nologin', /^secret/, 'unavailable'], ['login/timeout', /^/, 'failed'],
    ['login/busybox-getty', /^$/, 'login'], ['login/busybox-getty', /^bad/, 'failed'], ['login/qemu-busybox', /^$/, 'login'], ['login/qemu-busybox', /^secret/, 'prompt'],
    ['gear/vtysh', /^$/, 'pager'], ['gear/vtysh', /^foo/, 'prompt'],
  ] as const)('%s after %s: %s', (id, after, screen) => {
    const seen = screens(new RegExp(`^${id}$`)).filter((entry) => after.test(entry.after))
    expect(readScreen(seen[0]?.text ?? 'no such vector')).toBe(screen)
  })

  test.each([
    ['', 'silent'], ['\r\n', 'silent'], ['grub> ', 'grub'], ['grub rescue> ', 'grub'], ['=> ', 'u-boot'], ['PS C:\\Users\\a> ', 'powershell'], ['C:\\Windows>', 'cmd'],
    ['[    1.234567] usb 1-1: new device\r\n', 'boot'], ['Last login: Sun Nov 22 on ttyS0\r\n', 'other'], ['Permission denied\r\nvm:~$ ', 'prompt'],
    ['\xf0\x98\x86\xe6\x80\xf8\x00\x9e\xe6\xf8\x06\x98', 'garbage'],
  ] as const)('%j is %s', (text, screen) => { expect(readScreen(text)).toBe(screen) })

  test('random bytes never throw', () => check(fc.property(fc.string({ unit: 'binary' }), (text) => { readScreen(text) })))
})

describe('stripTerminal', () => {
  test('leaves what a person reads', () => {
    expect(stripTerminal('\u001b]0;title\u0007\u001b[1;32mok\u001b(B\u001b[m\r\r\nab\b\bc')).toBe('ok\r\nc')
    expect(lastLine('one\r\n~ # \u001b[6n')).toBe('~ # ')
    expect(lastLine('x\r\n%      \r# ')).toBe('#      ')
    expect(lastLine('x\r\n%      \r\u001b[J# \u001b[K')).toBe('# ')
  })

  test('leaves plain text alone', () => check(fc.property(fc.stringMatching(/^[ -~\n\t]{0,60}$/), (text) => { expect(stripTerminal(text)).toBe(text) })))

  test('UTF-8 is no garbage', () => {
    expect(looksGarbled(Buffer.from('приветствие, мир: добро пожаловать').toString('latin1'))).toBe(false)
  })
})

describe('loginStep', () => {
  const sent = { ...noLogin, userSent: true, passwordSent: true }
  test.each([
    [noLogin, 'login', true, 'send-user'], [noLogin, 'login', false, 'fail'], [noLogin, 'password', false, 'send-password'], [noLogin, 'password', true, 'decline'], [{ ...noLogin, userSent: true }, 'password', true, 'send-password'], [noLogin, 'prompt', true, 'go-on'],
    [sent, 'login', true, 'fail'], [sent, 'password', true, 'fail'], [sent, 'failed', true, 'fail'], [sent, 'expired', true, 'fail'], [sent, 'prompt', true, 'go-on'],
    [noLogin, 'failed', true, 'wait'], [noLogin, 'silent', true, 'wait'], [noLogin, 'boot', true, 'wait'], [sent, 'unavailable', true, 'fail'],
  ] as const)('%j on %s', (state, screen, hasUser, act) => { expect(loginStep(state, screen, hasUser).act).toBe(act) })
})

test('the ladder types end-of-text to Python alone', () => {
  for (const screen of ['pager', 'full-screen', 'prompt', 'other', 'silent', 'continuation'] as const) expect(rungs(screen).flat().join('')).not.toContain('\u0004')
  expect(rungs('python')[0]?.join('')).toContain('\u0004')
  expect(rungs('pager')[0]?.join('')).toContain('q')
})
