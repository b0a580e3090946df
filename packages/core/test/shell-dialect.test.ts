import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { dialectQuestion, readDialect } from '../src/shell-dialect.js'

test.each([
  ['sh, bash, dash, ash, mksh, ksh93, zsh, yash', { stdout: ';%OS%;\n', stderr: '', exitCode: 0 }, { dialect: 'posix', bourne: true }],
  ['fish', { stdout: ';%OS%;3.6.0\n', stderr: '', exitCode: 0 }, { dialect: 'posix', bourne: false }],
  ['tcsh', { stdout: '', stderr: 'PSEdition: Undefined variable.\n', exitCode: 1 }, { dialect: 'posix', bourne: false }],
  ['tcsh on a merged stream', { stdout: 'PSEdition: Undefined variable.\r\n', stderr: '', exitCode: 1 }, { dialect: 'posix', bourne: false }],
  ['cmd', { stdout: '"$PSEdition;Windows_NT;$FISH_VERSION"\r\n', stderr: '', exitCode: 0 }, { dialect: 'cmd', bourne: false }],
  ['Windows PowerShell', { stdout: 'Desktop;%OS%;\r\n', stderr: '', exitCode: 0 }, { dialect: 'powershell', bourne: false }],
  ['PowerShell on Linux', { stdout: 'Core;%OS%;\n', stderr: '', exitCode: 0 }, { dialect: 'powershell', bourne: false }],
  ['a login profile that talks', { stdout: 'Welcome;\n;%OS%;\n', stderr: 'stty: not a tty\n', exitCode: 0 }, { dialect: 'posix', bourne: true }],
  ['a switch', { stdout: '% Invalid input detected at marker.\n', stderr: '', exitCode: null }, undefined],
  ['silence', { stdout: '', stderr: '', exitCode: 0 }, undefined],
])('%s', (_title, answer, shell) => {
  expect(readDialect(answer)).toEqual(shell)
})

test('the real sh of this machine answers as the table says', () => {
  const stdout = execFileSync('/bin/sh', ['-c', dialectQuestion], { encoding: 'utf8' })
  expect(readDialect({ stdout, stderr: '', exitCode: 0 })).toEqual({ dialect: 'posix', bourne: true })
})
