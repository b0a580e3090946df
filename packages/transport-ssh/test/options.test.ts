import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { connect } from '@train-ts/core'
import driver from '../src/index.js'
import '../src/register.js'
import { failure, settings } from './driver.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test.each(Object.entries(driver.options))('%s stands in the README as in the table', (name, spec) => {
  const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? ''
  expect(row).toContain(spec.describe.replaceAll('|', '\\|'))
  for (const alias of spec.aliases ?? []) expect(row).toContain(typeof alias === 'string' ? alias : alias.name)
  expect(row.split(' | ')[3]).toBe(spec.url === true || spec.from !== undefined ? 'yes' : '')
})

describe('a URL cannot', () => {
  test.each([
    'proxyCommand=touch+/tmp/x', 'proxy_command=id', 'proxyJump=evil', 'bastion_host=evil', 'keyFiles=/etc/passwd', 'key_files=/x', 'sshConfig=/tmp/evil', 'knownHosts=/tmp/evil',
    'user_known_hosts_file=/dev/null', 'hostKeys=accept-new', 'verify_host_key=false', 'hostKeyFingerprint=SHA256:x', 'agent=/tmp/evil', 'forward_agent=true', 'hostKeyAlias=evil',
    'append_all_supported_algorithms=true', 'ciphers=3des-cbc', 'allowMatchExec=true', 'setEnv=A', 'certificateFiles=/x', 'privateKey=x', 'hostCertificates=true', 'requiredRsaSize=1',
  ])('%s', async (query) => {
    expect(await failure(connect(`ssh://127.0.0.1:1/?${query}`))).toMatchObject({ code: 'INVALID_OPTIONS' })
  })
})

describe('words of Train and knife', () => {
  test.each([[true, 'strict'], ['always', 'strict'], ['accept_new', 'accept-new'], ['accept-new', 'accept-new']] as const)('verify_host_key: %s', (given, means) => {
    expect(settings({ hostKeys: given as 'strict' }).hostKeys).toBe(means)
  })
  test.each([false, 'never', 'no', 1, null])('verify_host_key: %s is refused, and says what to write', (given) => {
    expect(() => settings({ hostKeys: given as unknown as 'strict' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('hostKeys: () => true') }))
  })
})

test.each([
  [{ agent: 5 }, 'agent'], [{ sshConfig: 5 }, 'sshConfig'], [{ setEnv: { A: 1 } }, 'setEnv'], [{ bastionPort: 5 }, 'bastionHost'], [{ maxSessions: 0 }, 'maxSessions'],
])('%o is refused', (given, option) => {
  expect(() => settings(given as object)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', details: { option } }))
})
