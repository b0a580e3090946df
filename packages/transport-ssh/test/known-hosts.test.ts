import { expect, test } from 'vitest'
import { findHostKey, formatKnownHost, knownKeyTypes, parseKnownHosts } from '../src/known-hosts.js'
import { matchPattern, matchPatternList } from '../src/patterns.js'
import { fingerprint, rsaBits, wireString } from '../src/wire.js'

const key = (type: string, seed: string): Buffer => Buffer.concat([wireString(type), wireString(seed)])
const ed = key('ssh-ed25519', 'one')
const edOther = key('ssh-ed25519', 'two')
const rsa = key('ssh-rsa', 'three')
const line = (hosts: string, blob: Buffer, marker = ''): string => `${marker}${hosts} ${blob.subarray(4, 4 + blob.readUInt32BE(0)).toString()} ${blob.toString('base64')} a comment`
const find = (text: string, blob: Buffer, host = 'web.example.org', port = 22): string => {
  const { status, entry } = findHostKey(parseKnownHosts(text, 'f'), host, port, blob)
  return entry === undefined ? status : `${status} ${entry.line}`
}

test.each([
  ['plain', line('web.example.org', ed), 'known 1'],
  ['upper case', line('WEB.Example.org', ed), 'known 1'],
  ['one of several', line('a,web.example.org,b', ed), 'known 1'],
  ['wildcard', line('*.example.org', ed), 'known 1'],
  ['question mark', line('we?.example.org', ed), 'known 1'],
  ['negated', line('*.example.org,!web.example.org', ed), 'unknown'],
  ['another host', line('db.example.org', ed), 'unknown'],
  ['another port', line('[web.example.org]:2222', ed), 'unknown'],
  ['changed', line('web.example.org', edOther), 'changed 1'],
  ['known by another type only', line('web.example.org', rsa), 'changed 1'],
  ['two keys of one type', `${line('web.example.org', edOther)}\n${line('web.example.org', ed)}`, 'known 2'],
  ['changed: the line of the same type is named', `${line('web.example.org', rsa)}\n${line('web.example.org', edOther)}`, 'changed 2'],
  ['revoked wins', `${line('web.example.org', ed)}\n${line('*', ed, '@revoked ')}`, 'revoked 2'],
  ['revoked, but another key', `${line('web.example.org', ed)}\n${line('*', edOther, '@revoked ')}`, 'known 1'],
  ['an authority is no key', line('web.example.org', ed, '@cert-authority '), 'unknown'],
  ['an unknown marker', line('web.example.org', ed, '@friend '), 'unknown'],
  ['comments, blanks, CRLF, tabs', `# c\n\n   \n\t${line('web.example.org', ed).replaceAll(' ', '\t')}\r\n`, 'known 4'],
  ['broken lines', `web.example.org\nweb.example.org ssh-ed25519\nweb.example.org ssh-ed25519 AAAA\nweb.example.org ssh-rsa ${ed.toString('base64')}\n`, 'unknown'],
])('%s', (_title, text, expected) => expect(find(text, ed)).toBe(expected))

test('a host on another port', () => {
  expect(find(line('[web.example.org]:2222', ed), ed, 'web.example.org', 2222)).toBe('known 1')
  expect(find(line('[web.example.org]:2222', edOther), ed, 'web.example.org', 2222)).toBe('changed 1')
  expect(find(line('web.example.org', ed), ed, 'web.example.org', 2222)).toBe('known 1') // as OpenSSH: the bare name can confirm
  expect(find(line('web.example.org', edOther), ed, 'web.example.org', 2222)).toBe('unknown') // but not accuse
  expect(find(line('web.example.org', ed, '@revoked '), ed, 'web.example.org', 2222)).toBe('revoked 1')
  expect(find(line('[*]:2222', ed), ed, 'web.example.org', 2222)).toBe('known 1')
})

test('IPv6', () => {
  expect(find(line('fe80::1', ed), ed, 'FE80::1')).toBe('known 1')
  expect(find(line('[fe80::1]:2222', ed), ed, 'fe80::1', 2222)).toBe('known 1')
})

test('hashed names', () => {
  const text = formatKnownHost('web.example.org', 22, ed, Buffer.alloc(20, 7)) + formatKnownHost('web.example.org', 2222, edOther, Buffer.alloc(20, 8))
  expect(text).not.toContain('example')
  expect(find(text, ed)).toBe('known 1')
  expect(find(text, ed, 'db.example.org')).toBe('unknown')
  expect(find(text, edOther, 'web.example.org', 2222)).toBe('known 2')
  expect(find(text, ed, 'web.example.org', 2222)).toBe('changed 2')
  expect(find('|1|broken ssh-ed25519 ' + ed.toString('base64'), ed)).toBe('unknown')
})

test('hashed by ssh-keygen -H itself', () => {
  const text = '|1|Bh2QZvQYHKV4/2dWzLKiymKPWOc=|s5BfLu+qmfFJ/eBfTbhw8jlz3I8= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFLyOjzJOVV5gTqBRPyfh9nGPTcaeIKcGI0iHMoZDCSk'
  expect(parseKnownHosts(text, 'f')).toHaveLength(1)
})

test('types that negotiation prefers', () => {
  const entries = parseKnownHosts(`${line('web.example.org', rsa)}\n${line('*', ed)}\n${line('db', key('ecdsa-sha2-nistp256', 'x'))}\n${line('*', ed, '@revoked ')}`, 'f')
  expect(knownKeyTypes(entries, 'web.example.org', 22)).toEqual(['ssh-rsa', 'ssh-ed25519'])
  expect(knownKeyTypes(entries, 'web.example.org', 2222)).toEqual(['ssh-rsa', 'ssh-ed25519'])
})

test.each([
  ['', '', true], ['', '*', true], ['a', '', false], ['abc', 'a*c', true], ['abc', 'a*b', false], ['abc', '***', true], ['abc', '????', false], ['aXbXc', '*X*', true], ['a.b', 'a?b', true],
])('pattern %j against %j', (text, pattern, matches) => expect(matchPattern(text, pattern)).toBe(matches))

test('a hostile pattern costs little', () => {
  const started = performance.now()
  expect(matchPattern('a'.repeat(5000), `${'*a'.repeat(2000)}b`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(500)
})

test('only negations match nothing', () => expect(matchPatternList('a', '!b')).toBe(false))

test('bits of an RSA modulus', () => {
  const rsaKey = (modulus: Buffer): Buffer => Buffer.concat([wireString('ssh-rsa'), wireString(Buffer.of(1, 0, 1)), wireString(modulus)])
  expect(rsaBits(rsaKey(Buffer.concat([Buffer.of(0), Buffer.alloc(256, 0xff)])))).toBe(2048)
  expect(rsaBits(rsaKey(Buffer.alloc(128, 0x7f)))).toBe(1023)
  expect(rsaBits(ed)).toBeUndefined()
})

test('fingerprint', () => expect(fingerprint(Buffer.from('x'))).toBe('SHA256:LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE'))
