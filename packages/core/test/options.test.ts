import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coreOptions } from '../src/core-options.js'
import type { AnyDriver, OptionSpec, Target } from '../src/driver.js'
import { isTransportError, TransportError } from '../src/errors.js'
import { checkDriver } from '../src/option-table.js'
import { resolveOptions } from '../src/options.js'
import { isSecret, secret } from '../src/secret.js'
import { parseTarget } from '../src/target.js'

function driver(options: Record<string, OptionSpec>, more: object = {}): AnyDriver {
  return { name: 'transport-x', specVersion: 1, schemes: ['x'], options, open: () => Promise.reject(new Error('never opened')), ...more }
}

/** Something of everything. */
const rich = driver({
  host: { type: 'string', from: 'host', required: true, describe: 'The machine.' },
  port: { type: 'integer', from: 'port', default: 22, describe: 'Its port.' },
  user: { type: 'string', from: 'user', describe: 'Who logs in.' },
  password: { type: 'secret', from: 'password', describe: 'Password.' },
  path: { type: 'string', from: 'path', describe: 'Path.' },
  execution_timeout: { type: 'seconds', default: 60, url: true, plain: true, describe: 'Limit.' },
  pollDelay: { type: 'milliseconds', url: true, aliases: [{ name: 'recheck', type: 'seconds' }], describe: 'Pause.' },
  mode: { type: 'string', values: ['run-command', 'session', 'auto'], url: true, plain: true, describe: 'Way.' },
  keyFiles: { type: 'list', aliases: ['keys'], describe: 'Keys.' },
  ciphers: { type: 'list', values: ['aes', 'chacha'], url: true, describe: 'Ciphers.' },
  privateKey: { type: 'secret', describe: 'Key.' },
  compress: { type: 'boolean', url: true, plain: true, describe: 'Compression.' },
  retries: { type: 'integer', url: true, describe: 'Attempts.' },
  shell: { type: 'string', values: ['posix', 'powershell'], url: true, plain: true, describe: 'Dialect.' },
  tags: { type: 'string', prefix: 'tag:', url: true, plain: true, describe: 'Tags.' },
  proxyCommand: { type: 'string', describe: 'A program.' },
  verifyHostKey: { type: 'boolean', default: true, describe: 'A check.' },
  endpoint: { type: 'string', describe: 'An address.' },
  check: { type: 'value', describe: 'A function.' },
})

/** Options that differ from the defaults, with secrets in clear. */
function given(url: string | undefined, explicit: object = {}, settings?: { allowFromUrl: string[] }, from = rich): object {
  const { options } = resolveOptions(from, url === undefined ? undefined : parseTarget(url), explicit, settings)
  const defaults: Record<string, unknown> = { port: 22, execution_timeout: 60_000, verifyHostKey: true }
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => name !== 'host' && defaults[name] !== value).map(([name, value]) => [name, isSecret(value) ? `secret ${value.reveal()}` : value]))
}

function core(url: string, explicit: object = {}, settings?: { allowFromUrl: string[] }): object {
  return Object.fromEntries(Object.entries(resolveOptions(rich, parseTarget(url), explicit, settings).core).filter(([name, value]) => name !== 'connectTimeout' || value !== 30_000).map(([name, value]) => [name, isSecret(value) ? `secret ${value.reveal()}` : value]))
}

function refusal(run: () => unknown): TransportError<'INVALID_OPTIONS'> {
  try {
    run()
  } catch (error) {
    if (isTransportError(error, 'INVALID_OPTIONS')) return error
    throw error
  }
  throw new Error('accepted')
}

describe('values', () => {
  it.each<[url: string, explicit: object, expected: object]>([
    ['x://h', {}, {}],
    ['x://u:p@h:2222/a', {}, { user: 'u', password: 'secret p', port: 2222, path: '/a' }],
    ['x://h/', {}, {}],
    // Train's units, in either spelling.
    ['x://h?execution_timeout=600', {}, { execution_timeout: 600_000 }],
    ['x://h?executionTimeout=1.5', {}, { execution_timeout: 1500 }],
    ['x://h', { executionTimeout: 0 }, { execution_timeout: 0 }],
    ['x://h', { execution_timeout: 1.1 }, { execution_timeout: 1100 }],
    ['x://h?pollDelay=250', {}, { pollDelay: 250 }],
    ['x://h?poll_delay=250', {}, { pollDelay: 250 }],
    ['x://h?recheck=0.25', {}, { pollDelay: 250 }],
    ['x://h', { pollDelay: 0.0001 }, { pollDelay: 1 }],
    ['x://h?compress=yes', {}, { compress: true }],
    ['x://h?compress=0', {}, { compress: false }],
    ['x://h', { compress: 'no' }, { compress: false }],
    ['x://h?retries=3', {}, { retries: 3 }],
    ['x://h?mode=session', {}, { mode: 'session' }],
    ['x://h', { key_files: 'a,b' }, { keyFiles: ['a,b'] }],
    ['x://h', { keys: ['a', 'b'] }, { keyFiles: ['a', 'b'] }],
    ['x://h', { keyFiles: [] }, { keyFiles: [] }],
    ['x://h?ciphers=aes&ciphers=chacha', {}, { ciphers: ['aes', 'chacha'] }],
    ['x://h', { privateKey: Buffer.from('clé') }, { privateKey: 'secret clé' }],
    ['x://h', { password: secret('s') }, { password: 'secret s' }],
    ['x://h?tag:Role=web&tag:__proto__=1', {}, { tags: Object.fromEntries([['Role', 'web'], ['__proto__', '1']]) }],
    ['x://h', { tags: { Role: 'web' } }, { tags: { Role: 'web' } }],
    ['x://h', { 'tag:Role': 'web', tags: { Env: 'a' } }, { tags: { Role: 'web', Env: 'a' } }],
    ['x://h?tag:Role=web&tag:Env=b', { tags: { Role: 'db' } }, { tags: { Role: 'db' } }],
    // The caller wins over the URL; undefined says nothing.
    ['x://u:p@h:2222', { user: 'v', password: 'q', port: 1 }, { user: 'v', password: 'secret q', port: 1 }],
    ['x://u@h?mode=auto', { user: undefined, mode: undefined }, { user: 'u', mode: 'auto' }],
    ['x://h?retries=3', { retries: 4 }, { retries: 4 }],
    // Train's query may name a part; it may not contradict the part that stands there.
    ['x://h?user=u&password=p&port=5', {}, { user: 'u', password: 'secret p', port: 5 }],
    ['x://h', { execution_timeout: 5, executionTimeout: '5' }, { execution_timeout: 5000 }],
    ['x://h', { pollDelay: 1000, recheck: 1 }, { pollDelay: 1000 }],
    ['x://h?shell=powershell', {}, { shell: 'powershell' }],
    ['x://h?shell=true', {}, {}],
    ['x://h', { check: 7 }, { check: 7 }],
  ])('%s with %j', (url, explicit, expected) => {
    expect(given(url, explicit)).toEqual(expected)
  })

  it('are frozen, lists and families too', () => {
    const { options, core: own, target } = resolveOptions(rich, parseTarget('x://h?tag:a=b'), { keyFiles: ['a'] })
    expect([options, own, target, options['keyFiles'], options['tags']].every(Object.isFrozen)).toBe(true)
    expect(Object.getPrototypeOf(options)).toBe(Object.prototype)
  })

  it('come without a URL, too', () => {
    expect(resolveOptions(rich, undefined, { host: 'h', user: 'u' })).toMatchObject({ target: { scheme: 'x', host: 'h', user: 'u' }, display: 'x://u@h' })
  })
})

describe("core's own options", () => {
  it.each<[url: string, explicit: object, expected: object]>([
    ['x://h', {}, {}],
    ['x://h?connect_timeout=500', {}, { connectTimeout: 500 }],
    ['x://h?connection_timeout=15', {}, { connectTimeout: 15_000 }],
    ['x://h?max_wait_until_ready=600', {}, { waitUntilReady: 600_000 }],
    ['x://h', { waitUntilReady: 5000, command_timeout: 10 }, { waitUntilReady: 5000, commandTimeout: 10 }],
    ['x://h?shell=true', {}, { loginShell: true }],
    ['x://h', { shell: true }, { loginShell: true }],
    ['x://h', { shell: false, login_shell: false }, { loginShell: false }],
    ['x://h', { sudo: true, sudo_password: 'p', sudoUser: 'deploy' }, { sudo: true, sudoPassword: 'secret p', sudoUser: 'deploy' }],
    ['x://h', { sudo: { password: 'p', method: 'su', user: undefined } }, { sudo: true, sudoPassword: 'secret p', sudoMethod: 'su' }],
    ['x://h', { proxy: 'socks5h://h:1', allow_from_url: ['a'] }, { proxy: 'socks5h://h:1', allowFromUrl: ['a'] }],
  ])('%s with %j', (url, explicit, expected) => {
    expect(core(url, explicit)).toEqual(expected)
  })

  it.each<[explicit: object, message: RegExp]>([
    [{ signal: 5 }, /signal must be an AbortSignal/],
    [{ registry: {} }, /registry must be a registry/],
    [{ via: 5 }, /via must be a connection or a URL/],
    [{ allowFromUrl: 'keyFiles' }, /allowFromUrl must be a list/],
    [{ onNotice: 'x' }, /onNotice must be a function/],
    [{ shell: true, loginShell: false }, /shell and loginShell are the same option/],
    [{ sudo: { pasword: 'x' } }, /sudo has no "pasword"/],
    [{ sudo: { user: 'a' }, sudoUser: 'b' }, /sudoUser and sudo.user/],
    [{ sudo: 'maybe' }, /sudo must be true or false/],
  ])('%j is refused', (explicit, message) => {
    expect(refusal(() => core('x://h', explicit)).message).toMatch(message)
  })

  it('a boolean shell is core’s even where the driver has no shell; a dialect then is refused', () => {
    const plain = driver({})
    expect(resolveOptions(plain, undefined, { shell: true }).core.loginShell).toBe(true)
    expect(refusal(() => resolveOptions(plain, undefined, { shell: 'powershell' })).message).toMatch(/shell must be true or false/)
  })
})

describe('what is refused', () => {
  it.each<[url: string, explicit: object, message: RegExp, option: string]>([
    ['x://h?execution_timout=5', {}, /no option "execution_timout"[^]*Did you mean "execution_timeout"\?[^]*README of transport-x/, 'execution_timout'],
    ['x://h', { keyFile: 'x' }, /Did you mean "keyFiles"/, 'keyFile'],
    ['x://h', { timeout_of_nothing_at_all: 1 }, /no option "timeout_of_nothing_at_all"[.\n]+The README/, 'timeout_of_nothing_at_all'],
    ['x://h', { __proto__x: 1 }, /no option/, '__proto__x'],
    ['x://h?__proto__=1', {}, /no option/, '__proto__'],
    ['x://h?constructor=1', {}, /no option/, 'constructor'],
    ['x://h?tag:=1', {}, /no option "tag:"/, 'tag:'],
    ['x://h?tags=1', {}, /written as tag:name=value/, 'tags'],
    ['x://h?mode=sesion', {}, /mode must be one of run-command, session, auto[^]*Did you mean "session"/, 'mode'],
    ['x://h', { mode: 7 }, /one of/, 'mode'],
    ['x://h', { ciphers: ['aes', 'des'] }, /a list, each of it one of aes, chacha/, 'ciphers'],
    ['x://h', { keyFiles: [1] }, /a list of strings/, 'keyFiles'],
    ['x://h', { user: 7 }, /a string/, 'user'],
    ['x://h', { user: null }, /a string/, 'user'],
    ['x://h', { user: '\ud800' }, /surrogate/, 'user'],
    ['x://h', { privateKey: Buffer.from([0xff]) }, /UTF-8/, 'privateKey'],
    ['x://h', { privateKey: {} }, /a string or a Secret/, 'privateKey'],
    ['x://h?compress=maybe', {}, /true or false/, 'compress'],
    ['x://h?compress=', {}, /true or false/, 'compress'],
    ['x://h', { compress: 1 }, /true or false/, 'compress'],
    ['x://h?retries=1.5', {}, /a whole number/, 'retries'],
    ['x://h?retries=0x10', {}, /a whole number/, 'retries'],
    ['x://h?retries=1e3', {}, /a whole number/, 'retries'],
    ['x://h?retries=%201', {}, /a whole number/, 'retries'],
    ['x://h?retries=-1', {}, /a whole number/, 'retries'],
    ['x://h', { retries: -1 }, /a whole number/, 'retries'],
    ['x://h', { retries: Number.NaN }, /a whole number/, 'retries'],
    ['x://h', { retries: 2 ** 60 }, /a whole number/, 'retries'],
    ['x://h', { port: 0 }, /1 to 65535/, 'port'],
    ['x://h?port=70000', {}, /1 to 65535/, 'port'],
    ['x://h?execution_timeout=soon', {}, /a number of seconds/, 'execution_timeout'],
    ['x://h?execution_timeout=-5', {}, /0 or more/, 'execution_timeout'],
    ['x://h', { executionTimeout: Number.NaN }, /0 or more/, 'executionTimeout'],
    ['x://h', { executionTimeout: Infinity }, /0 or more/, 'executionTimeout'],
    // setTimeout would fire at once.
    ['x://h', { executionTimeout: 30 * 86_400 }, /24 days/, 'executionTimeout'],
    ['x://h?recheck=x', {}, /a number of seconds/, 'recheck'],
    // Contradictions.
    ['x://h', { execution_timeout: 5, executionTimeout: 6 }, /execution_timeout and executionTimeout are the same option/, 'executionTimeout'],
    ['x://h', { pollDelay: 1, recheck: 1 }, /same option/, 'recheck'],
    ['x://h', { password: 'a', pass_word: 'b' }, /no option/, 'pass_word'],
    ['x://h?mode=auto&mode=session', {}, /says twice/, 'mode'],
    ['x://h?mode=auto&mode=auto', {}, /says twice/, 'mode'],
    ['x://h?poll_delay=1&pollDelay=1', {}, /says twice/, 'pollDelay'],
    ['x://h?tag:a=1&tag:a=2', {}, /says twice/, 'tag:a'],
    // A query that would send us elsewhere, or as somebody else.
    ['x://good?host=evil', {}, /says twice/, 'host'],
    ['x://u@h?user=root', {}, /says twice/, 'user'],
    ['x://h:22?port=23', {}, /says twice/, 'port'],
    ['x://?host=-oProxyCommand=id', {}, /begins with "-"/, 'host'],
    ['x://h', { host: '-oProxyCommand=id' }, /begins with "-"/, 'host'],
    ['x://h', { user: 'a\nb' }, /control character/, 'user'],
    ['x://', {}, /host is missing[^]*x:\/\/host/, 'host'],
    ['x://', { host: '' }, /host is missing/, 'host'],
  ])('%s with %j', (url, explicit, message, option) => {
    const error = refusal(() => given(url, explicit))
    expect(error.message).toMatch(message)
    expect(error.details.option).toBe(option)
  })

  it('the suggestion is data, too', () => {
    expect(refusal(() => given('x://h', { exection_timeout: 1 })).details).toEqual({ option: 'exection_timeout', suggestion: 'execution_timeout' })
  })

  it('a part of the URL that nothing reads, except where resolve reads the target', () => {
    const plain = driver({ host: { type: 'string', from: 'host', describe: 'd' } })
    for (const [url, part] of [['x://u@h', 'user'], ['x://h:1', 'port'], ['x://h/p', 'path'], ['x://:p@h', 'password']] as const) {
      expect(refusal(() => resolveOptions(plain, parseTarget(url))).details.option).toBe(part)
    }
    const resolving = driver({ device: { type: 'string', required: true, describe: 'd' } }, { resolve: (options: object, { host, path }: Target) => ({ ...options, device: `/${host ?? ''}${path ?? ''}` }) })
    expect(resolveOptions(resolving, parseTarget('x://dev/ttyS0')).options).toEqual({ device: '/dev/ttyS0' })
    expect(refusal(() => resolveOptions(resolving, parseTarget('x://:p@dev/ttyS0'))).details.option).toBe('password')
    expect(refusal(() => resolveOptions(resolving, parseTarget('x://u@dev/ttyS0'))).details.option).toBe('user')
    const ignoring = driver({}, { resolve: (options: object) => options })
    expect(refusal(() => resolveOptions(ignoring, parseTarget('x://h'))).message).toMatch(/takes no host in its URL/)
  })
})

describe('a URL is untrusted', () => {
  const hostile: [query: string, what: string][] = [
    ['proxyCommand=touch%20/tmp/pwned', 'runs a program'],
    ['proxy_command=touch%20/tmp/pwned', 'runs a program, in Train’s spelling'],
    ['verifyHostKey=false', 'weakens a check'],
    ['verify_host_key=no', 'weakens a check'],
    ['endpoint=http://evil', 'redirects an endpoint'],
    ['proxy=socks5://evil:1', 'redirects everything'],
    ['keyFiles=/etc/shadow', 'reads a local file'],
    ['keys=/etc/shadow', 'reads a local file, by an alias'],
    ['privateKey=x', 'brings a key'],
    ['sudo=true', 'becomes root'],
    ['sudo_password=x', 'brings a password'],
    ['sudoCommand=evil', 'runs a program as root'],
    ['reuseShell=true', 'weakens isolation'],
  ]
  it.each(hostile)('?%s %s: refused, unless the caller allows it by name', (query) => {
    const name = query.split('=')[0] ?? ''
    const error = refusal(() => given(`x://h?${query}`))
    expect(error.message).toMatch(/must not come from a URL/)
    expect(error.hint).toMatch(/allowFromUrl: \['/)
    const value = decodeURIComponent(query.split('=')[1] ?? '')
    if (value.length > 5) expect(error.message).not.toContain(value)
    const [, allowed = ''] = /allowFromUrl: \['(\w+)'\]/.exec(error.hint ?? '') ?? []
    for (const spelling of [allowed, name, name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]) {
      expect(resolveOptions(rich, parseTarget(`x://h?${query}`), { allowFromUrl: [spelling] })).toBeDefined()
      expect(resolveOptions(rich, parseTarget(`x://h?${query}`), {}, { allowFromUrl: [spelling] })).toBeDefined()
    }
  })

  it.each(['check=x', 'allowFromUrl=endpoint', 'allow_from_url=endpoint', 'signal=x', 'via=ssh://jump', 'registry=x', 'onPrompt=x', 'audit=x'])('?%s never comes from a URL, whatever the caller allows', (query) => {
    const name = query.split('=')[0] ?? ''
    expect(refusal(() => given(`x://h?${query}`, {}, { allowFromUrl: [name, 'allowFromUrl'] })).message).toMatch(/cannot come from a URL/)
  })

  it('an explicit value of the same option does not make it welcome', () => {
    expect(refusal(() => given('x://h?endpoint=http://evil', { endpoint: 'http://good' })).message).toMatch(/must not come/)
  })

  it('of core’s options a URL may set nothing but limits and the shell', () => {
    expect(Object.entries(coreOptions).filter(([, { url }]) => url === true).map(([name]) => name)).toEqual(['connectTimeout', 'commandTimeout', 'waitUntilReady', 'loginShell'])
  })
})

describe('what may be logged', () => {
  it.each<[url: string, explicit: object, display: string]>([
    ['x://u:hunter2@h:22/p', {}, 'x://u@h:22/***'],
    ['x://h?password=hunter2', {}, 'x://h?password=***'],
    ['x://h?user=u&port=5', {}, 'x://u@h:5'],
    ['x://h?execution_timeout=600&retries=3&tag:Role=web', {}, 'x://h?execution_timeout=600&retries=***&tag:Role=web'],
    ['x://u:hunter2@h', { user: 'v', password: 'hunter3', port: 9, mode: 'auto' }, 'x://v@h:9'],
    ['x://h?mode=auto', { mode: 'session' }, 'x://h'],
    ['x://h?endpoint=http://u:hunter2@e', { allowFromUrl: ['endpoint'] }, 'x://h?endpoint=***'],
    ['x://h?shell=true&shell=posix', {}, 'x://h?shell=true&shell=posix'],
  ])('%s with %j is %s', (url, explicit, display) => {
    expect(resolveOptions(rich, parseTarget(url), explicit).display).toBe(display)
  })

  it('every secret is known to the redactor, also one that was replaced, and one inside a proxy’s URL', () => {
    const { secrets } = resolveOptions(rich, parseTarget('x://u:from-url@h'), { password: 'explicit', sudo: { password: 'sudo' }, privateKey: 'key', proxy: 'socks5://u:in-proxy@h:1' })
    expect(new Set(secrets)).toEqual(new Set(['from-url', 'explicit', 'sudo', 'key', 'in-proxy']))
  })

  it('the result shows no secret', () => {
    const { secrets: _secrets, ...shown } = resolveOptions(rich, parseTarget('x://u:hunter2@h'), { privateKey: 'hunter3', sudoPassword: 'hunter4' })
    expect(inspect(shown, { depth: 9 }) + JSON.stringify(shown)).not.toMatch(/hunter/)
  })
})

describe('driver.resolve', () => {
  const table: Record<string, OptionSpec> = { host: { type: 'string', from: 'host', required: true, describe: 'd' }, password: { type: 'secret', from: 'password', describe: 'd' }, limit: { type: 'seconds', default: 2, describe: 'd' } }
  const resolving = (resolve: (options: never, target: Target) => unknown): AnyDriver => driver(table, { resolve })

  it('sees coerced options and the target, before anything is required', () => {
    const seen: unknown[] = []
    const { options } = resolveOptions(resolving((given: object, target) => (seen.push(given, target), { ...given, host: 'from-resolve' })), parseTarget('x://:p@'))
    expect(seen).toMatchObject([{ limit: 2000 }, { scheme: 'x', host: undefined }])
    expect(options).toMatchObject({ host: 'from-resolve', limit: 2000 })
    expect(Object.isFrozen(options)).toBe(true)
  })

  it('its own errors pass, others become INVALID_OPTIONS, without a secret', () => {
    const own = new TransportError('INVALID_TARGET', 'a fleet')
    expect(() => resolveOptions(resolving(() => { throw own }), parseTarget('x://h'))).toThrow(own)
    const error = refusal(() => resolveOptions(resolving(() => { throw new Error('bad hunter2') }), parseTarget('x://:hunter2@h')))
    expect(error.message).toBe('bad [secret]')
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter/)
    expect(refusal(() => resolveOptions(resolving(() => { throw Object.assign(new Error('no'), { code: 'INVALID_OPTIONS' }) }), parseTarget('x://h'))).message).toBe('no')
  })

  it.each([undefined, null, 'x', Promise.resolve({})])('that returns %s is a mistake of its author', (value) => {
    expect(() => resolveOptions(resolving(() => value), parseTarget('x://h'))).toThrow(TypeError)
  })
})

describe('a driver is checked once', () => {
  it.each<[what: RegExp, broken: unknown]>([
    [/not an object/, null],
    [/has no name/, { ...rich, name: '' }],
    [/specVersion 2/, { ...rich, specVersion: 2 }],
    [/specVersion undefined/, { ...rich, specVersion: undefined }],
    [/serves no schemes/, { ...rich, schemes: [] }],
    [/malformed scheme "X"/, { ...rich, schemes: ['X'] }],
    [/malformed scheme "\.\.\/x"/, { ...rich, schemes: ['../x'] }],
    [/no open/, { ...rich, open: undefined }],
    [/no table of options/, { ...rich, options: undefined }],
    ...Object.entries<[Record<string, unknown>, string?]>({
      'no describe': [{ type: 'string' }],
      'no describe ': [{ type: 'string', describe: ' ' }],
      'unknown type "text"': [{ type: 'text', describe: 'd' }],
      'neither camelCase nor snake_case': [{ type: 'string', describe: 'd' }, 'Host-Name'],
      'is a value, which a URL': [{ type: 'value', url: true, describe: 'd' }],
      'is a secret, which a URL': [{ type: 'secret', url: true, describe: 'd' }],
      'cannot be plain': [{ type: 'secret', plain: true, describe: 'd' }],
      'has values': [{ type: 'integer', values: ['1'], describe: 'd' }],
      'has a prefix': [{ type: 'integer', prefix: 'tag:', describe: 'd' }],
      'must be a integer': [{ type: 'string', from: 'port', describe: 'd' }],
      'must be a secret': [{ type: 'string', from: 'password', describe: 'd' }],
      'unknown part "query"': [{ type: 'string', from: 'query', describe: 'd' }],
      'required and has a default': [{ type: 'string', required: true, default: 'x', describe: 'd' }],
      'default that is not one of a, b': [{ type: 'string', values: ['a', 'b'], default: 'c', describe: 'd' }],
      'default that is not a number of seconds': [{ type: 'seconds', default: 'x', describe: 'd' }],
      'alias in seconds': [{ type: 'string', aliases: [{ name: 'a', type: 'seconds' }], describe: 'd' }],
      'core\'s option sudo has too': [{ type: 'boolean', describe: 'd' }, 'sudo'],
      'name connect_timeout, which core': [{ type: 'seconds', aliases: ['connect_timeout'], describe: 'd' }],
      'is not an object': [[] as unknown as Record<string, unknown>],
    }).map(([what, [spec, key = 'thing']]): [RegExp, unknown] => [new RegExp(what.trim().replaceAll(/[.*]/g, '\\$&')), { ...rich, options: { [key]: spec } }]),
    [/from the URL's host, as another/, driver({ a: { type: 'string', from: 'host', describe: 'd' }, b: { type: 'string', from: 'host', describe: 'd' } })],
    [/option b has the name key_files, which transport-x: option keyFiles has too/, driver({ keyFiles: { type: 'list', describe: 'd' }, b: { type: 'list', aliases: ['key_files'], describe: 'd' } })],
  ])('%s', (what, broken) => {
    expect(() => checkDriver(broken)).toThrow(TypeError)
    expect(() => checkDriver(broken)).toThrow(what)
  })

  it('may name what core has only as an alias, and then has it', () => {
    const own = driver({ connectionTimeout: { type: 'seconds', describe: 'd' } })
    expect(resolveOptions(own, undefined, { connection_timeout: 5 })).toMatchObject({ options: { connectionTimeout: 5000 }, core: { connectTimeout: 30_000 } })
  })

  it('core’s own table would pass as a driver’s', () => {
    expect(Object.entries(coreOptions).filter(([, { describe: text }]) => text === '')).toEqual([])
    const renamed = Object.fromEntries(Object.entries(coreOptions).map(([name, spec]) => [`${name}_`, { ...spec, aliases: [] }]))
    expect(() => checkDriver(driver(renamed))).not.toThrow()
  })
})

describe('properties', () => {
  it('whatever a query says, it is refused with INVALID_OPTIONS or sets only what is open to URLs', () => {
    const open = new Set(['host', 'port', 'user', 'password', 'path', 'execution_timeout', 'pollDelay', 'mode', 'ciphers', 'compress', 'retries', 'shell', 'tags'])
    const name = fc.oneof(fc.constantFrom(...Object.keys(rich.options), ...Object.keys(coreOptions), 'tag:x', 'proxy_command', 'verify_host_key', '__proto__', 'shell'), fc.string({ minLength: 1, maxLength: 8 }))
    const value = fc.oneof(fc.constantFrom('true', 'false', '1', '0', 'auto', 'posix', '600', '/etc/shadow', ''), fc.string({ maxLength: 8 }))
    const defaults = resolveOptions(rich, parseTarget('x://h'))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), (query) => {
        const url = `x://h?${query.map((pair) => pair.map((text) => encodeURIComponent(text)).join('=')).join('&')}`
        try {
          const { options, core: own } = resolveOptions(rich, parseTarget(url))
          for (const key of Object.keys(rich.options)) if (!open.has(key)) expect(options[key]).toEqual(defaults.options[key])
          for (const key of ['sudo', 'sudoCommand', 'proxy', 'via', 'registry', 'reuseShell', 'allowFromUrl'] as const) expect(own[key]).toBeUndefined()
        } catch (error) {
          if (!isTransportError(error, 'INVALID_OPTIONS') && !isTransportError(error, 'INVALID_TARGET')) throw error
        }
      }),
      { interruptAfterTimeLimit: 3000, markInterruptAsFailure: false, numRuns: 3000 },
    )
  })
})
