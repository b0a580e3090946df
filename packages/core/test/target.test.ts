import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayTarget, displayUnknown } from '../src/display-target.js'
import { isTransportError, type TransportError } from '../src/errors.js'
import { parseTarget } from '../src/target.js'

/** Only what is there, with the password and the query's values in clear. */
function parts(url: string | URL): object {
  const { password, query, ...rest } = parseTarget(url)
  const values = query.map(([name, value]) => [name, value.reveal()])
  const all = { ...rest, password: password?.reveal(), query: values.length === 0 ? undefined : values }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function refusal(url: unknown): TransportError {
  try {
    parseTarget(url as string)
  } catch (error) {
    if (isTransportError(error, 'INVALID_TARGET')) return error
    throw error
  }
  throw new Error(`accepted: ${String(url)}`)
}

describe('what Train reads (reference: train.md §1.2), and the same or the sound thing here', () => {
  it.each<[url: string, expected: object]>([
    ['ssh://user:pass@host:123/path', { scheme: 'ssh', user: 'user', password: 'pass', host: 'host', port: 123, path: '/path' }],
    ['ssh://[::1]:22', { scheme: 'ssh', host: '::1', port: 22 }],
    ['ssh://[::1]', { scheme: 'ssh', host: '::1' }],
    ['ssh://u@[2001:db8::7]:2222/p', { scheme: 'ssh', user: 'u', host: '2001:db8::7', port: 2222, path: '/p' }],
    ['ssh://[fe80::1%25eth0]:22', { scheme: 'ssh', host: 'fe80::1%eth0', port: 22 }],
    ['ssh://[fe80::1%eth0]', { scheme: 'ssh', host: 'fe80::1%eth0' }],
    // Train decodes neither of them.
    ['ssh://u%40d:p%40ss@h', { scheme: 'ssh', user: 'u@d', password: 'p@ss', host: 'h' }],
    ['winrm://DOM\\admin:pw@h', { scheme: 'winrm', user: 'DOM\\admin', password: 'pw', host: 'h' }],
    ['winrm://DOM%5Cadmin:pw@h', { scheme: 'winrm', user: 'DOM\\admin', password: 'pw', host: 'h' }],
    ['winrm://admin@corp.example:pw@h', { scheme: 'winrm', user: 'admin@corp.example', password: 'pw', host: 'h' }],
    ['ssh://user:p@ss@h', { scheme: 'ssh', user: 'user', password: 'p@ss', host: 'h' }],
    ['ssh://user:pa:ss@h', { scheme: 'ssh', user: 'user', password: 'pa:ss', host: 'h' }],
    ['ssh://user:a%23b%2Fc%3Fd@h', { scheme: 'ssh', user: 'user', password: 'a#b/c?d', host: 'h' }],
    ['ssh://us+er:p+w@ho+st/pa+th?q=a+b', { scheme: 'ssh', user: 'us+er', password: 'p+w', host: 'ho+st', path: '/pa+th', query: [['q', 'a+b']] }],
    ['mock://', { scheme: 'mock' }],
    ['local:', { scheme: 'local' }],
    ['local://', { scheme: 'local' }],
    ['mock:?a=1', { scheme: 'mock', query: [['a', '1']] }],
    ['vsphere-gom://', { scheme: 'vsphere-gom' }],
    // A missing host is for the transport's table to refuse: awsssm and serial can do without.
    ['ssh://', { scheme: 'ssh' }],
    ['ssh:///etc/foo', { scheme: 'ssh', path: '/etc/foo' }],
    ['ssh://user@', { scheme: 'ssh', user: 'user' }],
    ['aws://us-east-1/prof', { scheme: 'aws', host: 'us-east-1', path: '/prof' }],
    ['k8s://ns/pod', { scheme: 'k8s', host: 'ns', path: '/pod' }],
    ['serial://dev/ttyUSB1/9600', { scheme: 'serial', host: 'dev', path: '/ttyUSB1/9600' }],
    ['serial:///dev/ttyS0?baud_rate=1', { scheme: 'serial', path: '/dev/ttyS0', query: [['baud_rate', '1']] }],
    ['serial://COM3', { scheme: 'serial', host: 'COM3' }],
    ['serial+tcp://h:23', { scheme: 'serial+tcp', host: 'h', port: 23 }],
    ['awsssm://i-0123456789abcdef0/?execution_timeout=600', { scheme: 'awsssm', host: 'i-0123456789abcdef0', query: [['execution_timeout', '600']] }],
    ['awsssm://?tag:Role=web&tag:Env=a%26b', { scheme: 'awsssm', query: [['tag:Role', 'web'], ['tag:Env', 'a&b']] }],
    // Train keeps the scheme's case; the host's is kept by both.
    ['SSH://Host', { scheme: 'ssh', host: 'Host' }],
    ['ssh://bücher.example', { scheme: 'ssh', host: 'bücher.example' }],
    ['vsphere-gom://%2FDC%2Fvm%2Fweb', { scheme: 'vsphere-gom', host: '/DC/vm/web' }],
    ['ssh://h?a=x=y&b=&', { scheme: 'ssh', host: 'h', query: [['a', 'x=y'], ['b', '']] }],
    ['ssh://h:', { scheme: 'ssh', host: 'h' }],
    ['ssh://@h', { scheme: 'ssh', host: 'h' }],
    ['ssh://:pw@h', { scheme: 'ssh', password: 'pw', host: 'h' }],
    ['ssh://user:@h', { scheme: 'ssh', user: 'user', password: '', host: 'h' }],
    ['docker://image@sha256', { scheme: 'docker', user: 'image', host: 'sha256' }],
  ])('%s', (url, expected) => {
    expect(parts(url)).toEqual(expected)
  })

  it.each<[url: string, hint: RegExp]>([
    ['', /ssh:\/\/user@host:22, or local:/],
    ['host', /ssh:\/\/host,/],
    ['user@host', /ssh:\/\/user@host,/],
    ['host:2222', /ssh:\/\/host:2222,/],
    ['localhost:22', /ssh:\/\/localhost:22,/],
    ['user@host:2222', /ssh:\/\/user@host:2222,/],
    ['1.2.3.4:22', /ssh:\/\/1\.2\.3\.4:22,/],
    ['1.2.3.4', /ssh:\/\/1\.2\.3\.4,/],
    ['::1', /ssh:\/\/\[::1\]/],
    ['[::1]:22', /ssh:\/\/\[::1\]:22/],
    ['user:pass@host', /ssh:\/\/user:password@host:port/],
    ['c:\\foo', /local:/],
    ['C:/foo', /local:/],
    ['/etc/passwd', /local:/],
    ['ssh:/host', /ssh:\/\/host/],
    ['://host', /begins with a letter/],
    ['123://x', /begins with a letter/],
    ['aws_ssm://x', /begins with a letter/],
    ['-ssh://x', /begins with a letter/],
    ['../evil://x', /begins with a letter/],
    // Train takes the last `:n` of an unbracketed IPv6 address for a port.
    ['mock://FEDC:BA98:7654:3210:FEDC:BA98:7654:3210:123', /\[FEDC:BA98:7654:3210:FEDC:BA98:7654:3210\]:123/],
    ['ssh://::1', /\[::1\]/],
    ['ssh://fe80::1:22', /\[fe80::1:22\]/],
    ['ssh://[host]', /2001:db8/],
    ['ssh://[::1', /2001:db8/],
    ['ssh://[::1]22', /2001:db8/],
    ['ssh://ho[st', /IPv6/],
    ['ssh://host:abc', /%2F/],
    ['ssh://host:0', /host:22/],
    ['ssh://host:99999', /host:22/],
    ['ssh://host:-1', /host:22/],
    ['ssh://host:+22', /host:22/],
    ['ssh://user:a#b@host', /%23/],
    ['ssh://host#fragment', /%23/],
    ['ssh://user:a/b@host', /%2F/],
    ['ssh://user:22/b@host', /%2F/],
    ['ssh://user:p@ss/word@host', /%2F/],
    ['ssh://user:p@ss?word@host', /%3F/],
    ['ssh://user:a?b@host', /%3F/],
    ['winrm://DOM/admin:pw@h', /%2F/],
    ['ssh://user:100%@host', /%25/],
    ['ssh://user:%ff@host', /%25/],
    ['ssh://h?a=%zz', /%25/],
    ['ssh://h?k2', /name=value/],
    ['ssh://h?=v', /name=value/],
    ['ssh://ho st', /Take it out/],
    ['ssh://ho%20st', /Take it out/],
    ['ssh://ho\u00a0st', /Take it out/],
    ['::1%zz:hunter2', /local:/],
    ['ssh://::1%zz:hunter2', /2001:db8/],
    [' ssh://host', /Take it out/],
    ['ssh://host\n', /take it out/],
    ['ssh://ho\0st', /take it out/],
    ['ssh://ho\ud800st', /take it out/],
    ['ssh://h%00', /Take it out/],
    ['ssh://u%00:p@h', /Take it out/],
    ['ssh://u:p%00@h', /Take it out/],
    ['ssh://h/%0d%0aX:y', /Take it out/],
    ['ssh://u%0aroot@h', /Take it out/],
    ['ssh://host\\evil', /DOMAIN/],
    ['ssh://\u202ehost', /Take it out/],
    // ssh and its friends would read these as options.
    ['ssh://-oProxyCommand=id', /Take it out/],
    ['ssh://%2doProxyCommand=id', /Take it out/],
    ['ssh://-oProxyCommand=id@h', /Take it out/],
    ['ssh://u@-h', /Take it out/],
  ])('%j is refused, and the hint helps', (url, hint) => {
    const error = refusal(url)
    expect(error.hint).toMatch(hint)
    expect(error.message).not.toMatch(/hunter2|p@ss|a.b@/)
  })

  it.each([undefined, null, 7, {}, ['ssh://h']])('%j, which the types forbid, is refused in the same way', (value) => {
    expect(refusal(value).hint).toMatch(/ssh:\/\//)
  })

  it('takes a URL object, whose password the platform has encoded', () => {
    expect(parts(new URL('ssh://DOM\\a:p%40 s@Host:22/p?q=a+b'))).toEqual({ scheme: 'ssh', user: 'DOM\\a', password: 'p@ s', host: 'Host', port: 22, path: '/p', query: [['q', 'a+b']] })
    expect(refusal(new URL('host:2222')).hint).toMatch(/ssh:\/\/host:2222/)
  })

  it('shows neither the password nor a value of the query to those who look at the result', () => {
    const parsed = parseTarget('ssh://u:hunter2@h?password=hunter3')
    expect(inspect(parsed, { depth: 9, showHidden: true }) + JSON.stringify(parsed)).not.toMatch(/hunter/)
    expect(Object.isFrozen(parsed)).toBe(true)
  })
})

describe('a target as text', () => {
  it.each([
    ['ssh://u:pw@h:22/p', 'ssh://u@h:22/p'],
    ['ssh://[fe80::1%25eth0]:22', 'ssh://[fe80::1%25eth0]:22'],
    ['ssh://D%5Ca%40b@bücher.example', 'ssh://D%5Ca%40b@bücher.example'],
    ['local:', 'local://'],
    ['serial:///dev/ttyS0', 'serial:///dev/ttyS0'],
    ['x://%2Fa%3Ab', 'x://%2Fa%3Ab'],
  ])('%s is shown as %s', (url, shown) => {
    expect(displayTarget(parseTarget(url), [], true)).toBe(shown)
  })

  it('shows what it is told to show', () => {
    expect(displayTarget(parseTarget('k://h/secret'), [['tag:Role', 'a&b'], ['key', undefined]], false)).toBe('k://h/***?tag:Role=a%26b&key=***')
    expect(displayUnknown(parseTarget('k://h/secret?a=b'))).toBe('k://***')
  })
})

describe('properties', () => {
  // A failure prints the seed and the path with which to run it again.
  const budget = { interruptAfterTimeLimit: 3000, markInterruptAsFailure: false, numRuns: 2000 }
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !/[\p{Cs}\0]/u.test(value))
  const printable = text.filter((value) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value))
  const login = printable.filter((value) => !value.startsWith('-'))
  const host = login.filter((value) => !/\p{Z}/u.test(value))

  it('every part survives percent-encoding', () => {
    fc.assert(
      fc.property(
        login, fc.option(text, { nil: undefined }), host, fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }), printable, fc.array(fc.tuple(printable.filter((name) => name !== ''), text), { maxLength: 3 }),
        (user, password, name, port, path, query) => {
          const url = `x://${encodeURIComponent(user)}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@${encodeURIComponent(name)}${port === undefined ? '' : `:${String(port)}`}/${encodeURIComponent(path)}?${query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`
          const parsed = parseTarget(url)
          expect([parsed.user ?? '', parsed.password?.reveal(), parsed.host ?? '', parsed.port, parsed.path ?? '/']).toEqual([user, password, name, port, `/${path}`])
          expect(parsed.query.map(([key, value]) => [key, value.reveal()])).toEqual(query)
        },
      ),
      budget,
    )
  })

  it('what is displayed is read back as the same target, without the password', () => {
    fc.assert(
      fc.property(login, host, fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }), printable, (user, name, port, path) => {
        const parsed = parseTarget(`x://${encodeURIComponent(user)}:hunter2@${encodeURIComponent(name)}${port === undefined ? '' : `:${String(port)}`}/${encodeURIComponent(path)}`)
        const again = parseTarget(displayTarget(parsed, [], true))
        expect({ ...again, password: undefined }).toEqual({ ...parsed, password: undefined })
        expect(again.password).toBeUndefined()
      }),
      budget,
    )
  })

  it('nothing but INVALID_TARGET is thrown, and no error shows the password', () => {
    const password = 'Xq7Zw9Kv'
    const piece = fc.oneof(
      fc.constantFrom('ssh', '://', ':', '@', '/', '?', '#', '[', ']', '::1', '\\', '%', '%zz', '%40', '&', '=', ' ', '\n', '-', 'user', 'host', '22', '99999', '+', '\ud800', ''),
      fc.string({ maxLength: 4 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(piece, { maxLength: 8 }), (before, after) => {
        const url = [...before, `:${password}`, ...after].join('')
        try {
          const { password: _password, ...shown } = parseTarget(url)
          return shown.query.every(([, value]) => typeof value.reveal() === 'string')
        } catch (error) {
          if (!isTransportError(error, 'INVALID_TARGET') || error.cause !== undefined) throw error
          return !`${error.message}${error.stack ?? ''}${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`.includes(password)
        }
      }),
      { ...budget, numRuns: 5000 },
    )
  })
})
