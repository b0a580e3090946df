// ssh_config, with OpenSSH's own client as the oracle: `ssh -G` says what it makes of a file.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { peer } from '@train-ts/testkit'
import { describeWithPeer } from '@train-ts/testkit/vitest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluateConfig } from '../src/config/evaluate.js'
import { loadConfig } from '../src/config/load.js'
import { parseConfig, parseTime, splitWords } from '../src/config/parse.js'
import { parseJumps } from '../src/jump.js'
import { settle } from '../src/settings.js'
import type { Settings } from '../src/settings.js'
import { failure, settings } from './driver.js'
import type { Given } from './driver.js'

let directory: string
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'train-config-'))))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function file(text: string): string {
  const path = join(directory, `config${Math.random()}`)
  writeFileSync(path, text)
  return path
}

async function settled(text: string, given: Given = {}): Promise<Settings> {
  return settle(settings({ host: 'web', ...given, sshConfig: file(text), agent: undefined }))
}

const example = `
# a comment
Host web w?b* !web2 "quo ted"
  HostName %h.example.org
  Port=2222
  User = "deploy"
Host web
  Port 1
  IdentityFile ~/.ssh/%h-%r
  IdentityFile "/keys/with space"
  CertificateFile /keys/cert
Match host *.example.org user deploy
  ServerAliveInterval 1m
  ServerAliveCountMax 7
Match originalhost web,db !user nobody
  IdentitiesOnly yes
Match host *.com
  Compression yes
Match all
  ConnectTimeout 1m30s
  ProxyJump a@jump1:22,[::1]:23
  UserKnownHostsFile /a/kh /b/kh
  SetEnv A=1 "B=two words"
Host *
  User ignored
  ForwardAgent yes
  StrictHostKeyChecking accept-new
  HashKnownHosts yes
  Ciphers ^aes256-ctr
`

describeWithPeer([peer('ssh')], "the same as OpenSSH's client", () => {
  const oracle = (path: string, host: string): Map<string, string[]> => {
    const answers = new Map<string, string[]>()
    for (const line of execFileSync('ssh', ['-F', path, '-G', host], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim().split('\n')) {
      const [key = '', ...words] = line.split(' ')
      answers.set(key, [...(answers.get(key) ?? []), words.join(' ')])
    }
    return answers
  }

  test.each(['web', 'web2', 'wxb', 'WEB', 'other'])('%s', async (host) => {
    const path = file(example)
    const expected = oracle(path, host)
    const found = await settle(settings({ host, sshConfig: path, agent: undefined }))
    expect(found.hostName).toBe(expected.get('hostname')?.[0])
    expect(String(found.port)).toBe(expected.get('port')?.[0])
    expect(found.user).toBe(expected.get('user')?.[0])
    expect(String(found.keepaliveCountMax)).toBe(expected.get('serveralivecountmax')?.[0])
    expect(found.identitiesOnly ? 'yes' : 'no').toBe(expected.get('identitiesonly')?.[0])
    expect(found.compression ? 'yes' : 'no').toBe(expected.get('compression')?.[0])
    expect(String((found.connectTimeout ?? 0) / 1000)).toBe(expected.get('connecttimeout')?.[0])
    expect(found.jumps.map(({ text }) => text).join(',')).toBe(expected.get('proxyjump')?.[0])
    expect(found.forwardAgent ? 'yes' : 'no').toBe(expected.get('forwardagent')?.[0])
    expect(found.environment.map(([name, value]) => `${name}=${value}`).sort()).toEqual((expected.get('setenv') ?? []).sort())
    expect(found.knownHosts.slice(0, 2).join(' ')).toBe(expected.get('userknownhostsfile')?.[0])
    if (host === 'web') {
      expect(found.configuredKeyFiles).toEqual(expected.get('identityfile')?.map((key) => key.replace('~', homedir()).replace('%h', found.hostName).replace('%r', found.user)))
      expect(found.certificateFiles).toEqual(expected.get('certificatefile'))
    }
  })
})

test('included files, by pattern, in the order of their names, and only where the block holds', async () => {
  mkdirSync(join(directory, 'parts'))
  writeFileSync(join(directory, 'parts', '20.conf'), 'User second\nPort 20\n')
  writeFileSync(join(directory, 'parts', '10.conf'), 'Host web\nUser first\nHost db\nPort 10\n')
  const text = `Include ${directory}/parts/*.conf ${directory}/missing\nUser last`
  expect(await settled(text)).toMatchObject({ user: 'first', port: 20 })
  expect(await settled(text, { host: 'db' })).toMatchObject({ user: 'second', port: 10 })
  expect(await settled(`Host other\nInclude ${directory}/parts/*.conf\nHost *\nUser last`)).toMatchObject({ user: 'last', port: 22 })
  writeFileSync(join(directory, 'circle'), `Include ${directory}/circle\nUser round\n`)
  expect(await settled(`Include ${directory}/circle`)).toMatchObject({ user: 'round' })
})

test('Match exec runs nothing, unless it is allowed to', async () => {
  const witness = join(directory, 'witness')
  const text = `Match exec "touch ${witness}"\nUser matched\nHost *\nUser other`
  expect((await settled(text)).user).toBe('other')
  expect(() => execFileSync('test', ['-e', witness])).toThrow()
  expect((await settled(text, { allowMatchExec: true })).user).toBe('matched')
  execFileSync('test', ['-e', witness])
})

test('Match final, and what is not understood holds for nobody', async () => {
  expect((await settled('HostName real\nMatch final host real\nPort 5')).port).toBe(5)
  expect((await settled('Match localnetwork 10.0.0.0/8\nPort 5\nMatch tagged x\nPort 6\nMatch\nPort 7')).port).toBe(22)
})

test('what the caller says wins', async () => {
  expect(await settled('User a\nPort 1\nProxyJump x\nServerAliveInterval 5', { user: 'b', port: 2, proxyJump: ['none'], keepaliveInterval: 1000 })).toMatchObject({ user: 'b', port: 2, jumps: [], keepaliveInterval: 1000 })
  expect(await settled('ProxyJump x', { proxyCommand: 'nc %h %p' })).toMatchObject({ jumps: [], proxyCommand: 'nc web 22' })
})

test('StrictHostKeyChecking no adds new hosts, and never accepts a changed one', async () => {
  expect((await settled('StrictHostKeyChecking no')).hostKeys).toBe('accept-new')
  expect((await settled('StrictHostKeyChecking ask')).hostKeys).toBe('strict')
  expect((await settled('')).hostKeys).toBe('strict')
  expect((await settled('StrictHostKeyChecking no', { hostKeys: 'strict' })).hostKeys).toBe('strict')
})

test('a host from a URL cannot run a program through ProxyCommand', async () => {
  for (const host of ['a;touch x', '$(id)', '`id`', "a'b", 'a|b', 'a&b', 'a>b']) {
    expect(await failure(settled('ProxyCommand nc %h %p', { host }))).toMatchObject({ code: 'INVALID_OPTIONS' })
  }
  expect(await failure(settled('ProxyCommand nc %h %p', { user: '$(id)' }))).toMatchObject({ code: 'INVALID_OPTIONS' })
  expect(() => settings({ host: '-oProxyCommand=id' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  expect(() => settings({ user: '-x' })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
})

test('methods', async () => {
  expect((await settled('PreferredAuthentications keyboard-interactive,password\nPasswordAuthentication no')).authMethods).toEqual(['keyboard-interactive'])
  expect((await settled('PubkeyAuthentication no')).authMethods).toEqual(['password', 'keyboard-interactive'])
  expect((await settled('BatchMode yes')).nonInteractive).toBe(true)
})

test('agents', async () => {
  expect((await settled('IdentityAgent none')).agent).toBeUndefined()
  expect((await settled('IdentityAgent /run/agent-%r', { user: 'me' })).agent).toBe('/run/agent-me')
  process.env['TRAIN_TEST_AGENT'] = '/from/env'
  expect((await settled('IdentityAgent $TRAIN_TEST_AGENT')).agent).toBe('/from/env')
})

test('algorithms', async () => {
  expect((await settled('Ciphers aes256-ctr,unknown-one')).algorithms.ciphers).toEqual(['aes256-ctr'])
  expect((await settled('KexAlgorithms -*nist*,curve*')).algorithms.kexAlgorithms.join()).toMatch(/^diffie-hellman-group-exchange-sha256,diffie/)
  expect((await settled('MACs +hmac-sha1')).algorithms.macs.at(-1)).toBe('hmac-sha1')
  expect(await failure(settled('Ciphers nonsense'))).toMatchObject({ code: 'INVALID_OPTIONS' })
  const { algorithms } = await settled('')
  expect(Object.values(algorithms).flat().join()).not.toMatch(/sha1|cbc|md5|ssh-rsa|ssh-dss|arcfour/)
  expect(Object.values((await settled('', { appendAllSupportedAlgorithms: true })).algorithms).flat().join()).toMatch(/sha1/)
})

describe('parsing', () => {
  test.each([
    ['a b', ['a', 'b']], ['"a b" c', ['a b', 'c']], ["'a b'", ['a b']], ['a\\ b', ['a b']], ['a # b', ['a']], ['"a # b"', ['a # b']], ['a#b', ['a#b']], ['""', ['']], ['"\\""', ['"']],
  ])('words of %s', (text, words) => expect(splitWords(text)).toEqual(words))

  test.each([['Port 1', 'port', '1'], ['Port=1', 'port', '1'], [' Port = 1 ', 'port', '1'], ['PORT\t1', 'port', '1'], ['"Port" 1', 'port', '1'], ['Port', 'port', '']])('line %j', (text, keyword, rest) => {
    expect(parseConfig(text, 'f')).toMatchObject([{ keyword, rest }])
  })

  test('lines that are none', () => expect(parseConfig('# Port 1\n\n  \n=\n', 'f')).toEqual([]))
  test.each([['90', 90], ['1m30s', 90], ['2h', 7200], ['1w', 604_800], ['', undefined], ['x', undefined], ['-1', undefined]])('time %s', (text, seconds) => expect(parseTime(text)).toBe(seconds))

  test.each([
    ['a', [{ host: 'a', user: undefined, port: undefined, text: 'a' }]],
    ['u@a:2,b', [{ host: 'a', user: 'u', port: 2, text: 'u@a:2' }, { host: 'b', user: undefined, port: undefined, text: 'b' }]],
    ['ssh://u@[::1]:2', [{ host: '::1', user: 'u', port: 2, text: 'u@[::1]:2' }]],
    ['user@corp@a', [{ host: 'a', user: 'user@corp', port: undefined, text: 'user@corp@a' }]],
    ['none', []],
  ])('jump %s', (text, jumps) => expect(parseJumps([text])).toEqual(jumps))
  test.each(['a:b', 'a:99999', '-oX=y', '@', 'a:'])('no jump: %s', (text) => expect(() => parseJumps([text])).toThrow())

  test('a hostile file costs little', async () => {
    const started = performance.now()
    const text = `Host ${'*a'.repeat(5000)}b\nUser x\n${'Include nowhere\n'.repeat(100)}`
    evaluateConfig([await loadConfig(file(text))], { host: 'a'.repeat(255), user: undefined, localUser: 'me' })
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
