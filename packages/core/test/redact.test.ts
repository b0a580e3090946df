import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTransportError, TransportError } from '../src/errors.js'
import { createRedactor } from '../src/redact.js'
import { secret } from '../src/secret.js'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('text', () => {
  const password = 'p@ss w"ör\\d/1'
  const redactor = createRedactor([password])
  it.each<[what: string, text: string]>([
    ['plain', password],
    ['encodeURIComponent', encodeURIComponent(password)],
    ['percent-encoded in lower case', encodeURIComponent(password).toLowerCase()],
    ['every byte percent-encoded', Array.from(Buffer.from(password), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')],
    ['partly percent-encoded', password.replace('@', '%40').replace('p', '%70')],
    ['as a form', new URLSearchParams({ a: password }).toString().slice(2)],
    ['as userinfo of a URL', new URL(`x://u:${encodeURIComponent(password)}@h`).password],
    ['JSON', JSON.stringify(password).slice(1, -1)],
    ['inspect', inspect(password).slice(1, -1)],
    ['base64', base64(password)],
    ['base64 with a line end, as for sudo -S', base64(`${password}\n`)],
    ['base64url', Buffer.from(password).toString('base64url')],
  ])('%s', (_, form) => {
    expect(redactor.text(`<${form}>`)).toBe('<[secret]>')
    expect(redactor.text(`${form}${form}`)).toBe('[secret][secret]')
  })

  it.each(['', 'u', 'us', 'use', 'user'])('base64 of a text that holds the secret behind %j', (before) => {
    const whole = base64(`${before}:correct horse battery:after`)
    const left = createRedactor(['correct horse battery']).text(whole)
    expect(left).toContain('[secret]')
    expect(Buffer.from(left.replace('[secret]', ''), 'base64').toString()).not.toMatch(/orrect|horse|batter/)
  })

  it('the longest first, so that no end is left over', () => {
    expect(createRedactor(['abc', 'abcdef']).text('abcdef abc')).toBe('[secret] [secret]')
  })

  it('every line of a key of many lines, but not its banner', () => {
    const key = `-----BEGIN KEY-----\n${'A'.repeat(64)}\n${'B'.repeat(64)}\n-----END KEY-----\n`
    const { text } = createRedactor([key])
    expect(text(inspect({ key }))).not.toMatch(/AAAA|BBBB/)
    expect(text(JSON.stringify({ key }))).toBe('{"key":"[secret]"}')
    expect(text('-----BEGIN KEY-----')).toBe('-----BEGIN KEY-----')
  })

  it('a second time changes nothing, whatever the secret', () => {
    const { text } = createRedactor(['secret', '[secret]'])
    expect(text('a secret is [secret]')).toBe('a [secret] is [secret]')
    expect(text(text('a secret'))).toBe('a [secret]')
  })

  it('one and two characters are too short to be looked for', () => {
    expect(createRedactor(['', 'a', 'ab']).text('abc aa')).toBe('abc aa')
    expect(createRedactor(['abc']).text('abcd')).toBe('[secret]d')
  })

  it('is quick about secrets that look like patterns', () => {
    const { text } = createRedactor(['%'.repeat(40) + 'x', '\\'.repeat(60) + 'x', '(a+)+$'])
    expect(text('%25'.repeat(2000) + '\\'.repeat(20_000))).toHaveLength(26_000)
    expect(text('(a+)+$')).toBe('[secret]')
  })

  it('any text around any secret', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 3, maxLength: 20 }), fc.string(), fc.string(), (value, before, after) => {
        fc.pre(!'[secret]'.includes(value))
        const { text } = createRedactor([value])
        const forms = [value, JSON.stringify(value), base64(value), ...(/\p{Cs}/u.test(value) ? [] : [encodeURIComponent(value)])]
        // What is left may by chance put the secret together again around a mark, so ask for the mark.
        return forms.every((form) => text(`${before}${form}${after}`).includes('[secret]'))
      }),
      { interruptAfterTimeLimit: 3000, markInterruptAsFailure: false, numRuns: 2000 },
    )
  })
})

describe('error', () => {
  const { error: clean } = createRedactor(['hunter2'])
  const shown = (value: unknown): string => inspect(value, { depth: 12, showHidden: true }) + (value instanceof Error ? `${value.message}${value.stack ?? ''}` : '')

  it('without a secret is itself', () => {
    const errors = [new Error('x', { cause: new Error('y') }), new TransportError('TIMEOUT', 'x'), 'text', 7, undefined, null, { a: 1 }, new Error('x', { cause: secret('hunter2') })]
    for (const error of errors) expect(clean(error)).toBe(error)
    const error = new Error('hunter2')
    expect(createRedactor([]).error(error)).toBe(error)
  })

  it('with one is a copy that keeps the rest', () => {
    const cause = Object.assign(new RangeError('deep hunter2'), { code: 'E_HUNTER', request: { headers: ['Basic hunter2', 'ok'], retry: 3 } })
    const copy = clean(new Error('outer', { cause })) as Error & { cause: RangeError & { code: string; request: object } }
    expect(shown(copy)).not.toContain('hunter2')
    expect(copy.message).toBe('outer')
    expect(copy.stack).toContain('redact.test.ts')
    expect(copy.cause).toMatchObject({ name: 'RangeError', message: 'deep [secret]', code: 'E_HUNTER', request: { headers: ['Basic [secret]', 'ok'], retry: 3 } })
  })

  it('of this package stays one', () => {
    const copy = clean(new TransportError('AUTH_FAILED', 'no hunter2', { hint: 'not hunter2', details: { reason: 'hunter2' }, operation: 'connect', cause: new Error('hunter2') }))
    expect(isTransportError(copy, 'AUTH_FAILED')).toBe(true)
    expect(copy).toBeInstanceOf(TransportError)
    expect(copy).toMatchObject({ message: 'no [secret]\nnot [secret]', hint: 'not [secret]', details: { reason: '[secret]' }, operation: 'connect', retryable: false })
    expect(shown(copy)).not.toContain('hunter2')
    expect((clean(new TransportError('ABORTED', 'hunter2')) as Error).name).toBe('AbortError')
  })

  it('AggregateError: all of its errors', () => {
    const copy = clean(new AggregateError([new Error('one'), new Error('hunter2')], 'all')) as AggregateError
    expect(copy.errors).toMatchObject([{ message: 'one' }, { message: '[secret]' }])
    expect(copy.name).toBe('AggregateError')
  })

  it('that contains itself', () => {
    const error = new Error('hunter2')
    error.cause = { again: error }
    const copy = clean(error) as Error & { cause: { again: unknown } }
    expect(copy.cause.again).toBe(copy)
    expect(shown(copy)).not.toContain('hunter2')
  })

  it('text, objects, names of fields', () => {
    expect(clean('say hunter2')).toBe('say [secret]')
    expect(clean({ a: ['hunter2'], hunter2: new Map([['k', 'hunter2']]) })).toEqual({ a: ['[secret]'], '[secret]': "Map(1) { 'k' => '[secret]' }" })
  })

  it('deeper than anybody looks', () => {
    let error = new Error('hunter2')
    for (let depth = 0; depth < 40; depth++) error = new Error(depth === 38 ? 'hunter2' : 'x', { cause: error })
    expect(shown(clean(error))).not.toContain('hunter2')
  })

  it('never throws', () => {
    const hostile = (change: (error: Error) => unknown): Error => Object.assign(new Error('hunter2'), change(new Error()))
    const getter = Object.defineProperty(new Error('hunter2'), 'response', { enumerable: true, get: () => { throw new Error('hunter2') } })
    const custom = hostile(() => ({ [inspect.custom]: () => { throw new Error('hunter2') } }))
    const proxy = new Proxy(new Error('hunter2'), { ownKeys: () => { throw new Error('hunter2') }, get: () => { throw new Error('hunter2') }, getPrototypeOf: () => { throw new Error('hunter2') } })
    const message = Object.defineProperty(new Error('x'), 'message', { get: () => { throw new Error('hunter2') } })
    for (const error of [getter, custom, proxy, message, Object.freeze(new Error('hunter2'))]) {
      const copy = clean(error)
      expect(copy).toBeInstanceOf(Error)
      expect(shown(copy)).not.toContain('hunter2')
    }
  })
})
