import { expect, test } from 'vitest'
import { createRegistry, fleet, localDriver, mockDriver } from '../src/index.js'
import type { ExecRequest, FleetOutcome, Session, TransportDriver } from '../src/index.js'

async function outcomes(all: AsyncIterable<FleetOutcome>): Promise<string[]> {
  const seen: string[] = []
  for await (const outcome of all) seen.push(`${outcome.target} ${'result' in outcome ? outcome.result.stdout.trim() : outcome.error.code}`)
  return seen.sort()
}

/** Each machine answers its name; 'down' cannot be reached, 'slow' never answers. */
function machines(): {
  readonly driver: TransportDriver<{ readonly host: string }>
  readonly log: { opens: number; now: number; most: number; closes: number; aborted: number }
} {
  const log = { opens: 0, now: 0, most: 0, closes: 0, aborted: 0 }
  const driver: TransportDriver<{ readonly host: string }> = {
    name: 'machines',
    specVersion: 1,
    schemes: ['m'],
    options: { host: { type: 'string', from: 'host', required: true, describe: 'Name.' } },
    async open({ host }): Promise<Session> {
      log.opens += 1
      if (host === 'down') throw Object.assign(new Error('no route'), { code: 'CONNECT_FAILED' })
      return {
        capabilities: { kill: 'tree', concurrency: 4 },
        async *exec({ signal }: ExecRequest) {
          log.now += 1
          log.most = Math.max(log.most, log.now)
          try {
            await new Promise((resolve, reject) => {
              signal.addEventListener('abort', () => {
                log.aborted += 1
                reject(signal.reason as Error)
              }) // core aborts with an Error
              if (host !== 'slow') setImmediate(resolve)
            })
          } finally {
            log.now -= 1
          }
          yield { type: 'stdout', data: Buffer.from(host) }
          yield { type: 'exit', code: host === 'bad' ? 3 : 0, signal: null }
        },
        close: () => {
          log.closes += 1
          return Promise.resolve()
        },
      }
    },
  }
  return { driver, log }
}

test('outcomes of every machine; a bad one never stops the rest', async () => {
  const { driver, log } = machines()
  const registry = createRegistry([driver, mockDriver, localDriver])
  await using many = fleet(['m://a', 'm://down', 'm://bad', 'nonsense', 'x://y', 'mock:'], { registry })
  expect(await outcomes(many.run('hello'))).toEqual([
    'm://a a',
    'm://bad bad',
    'm://down CONNECT_FAILED',
    'mock:// ',
    'target 3 INVALID_TARGET',
    expect.stringMatching(/TRANSPORT_NOT_FOUND$/),
  ])
  // Open connections are used again, the one that failed is tried again.
  expect(await outcomes(many.run('hello'))).toHaveLength(6)
  expect(log.opens).toBe(4)
  await many.close()
  expect(log.closes).toBe(2)
})

test('no more than `concurrency` at once', async () => {
  const { driver, log } = machines()
  await using many = fleet(
    Array.from({ length: 40 }, (_value, index) => `m://h${String(index)}`),
    { registry: createRegistry([driver]), concurrency: 7 },
  )
  expect(await outcomes(many.run('hello'))).toHaveLength(40)
  expect(log.most).toBeLessThanOrEqual(7)
  expect(() => fleet([], { concurrency: 0 })).toThrow(RangeError)
})

test('leaving the loop stops what still runs, and so does the signal', async () => {
  const { driver, log } = machines()
  const registry = createRegistry([driver])
  await using many = fleet(['m://slow', 'm://a'], { registry })
  for await (const outcome of many.run('hello')) {
    expect(outcome.target).toBe('m://a')
    break
  }
  await expect.poll(() => log.aborted).toBe(1)
  const controller = new AbortController()
  const seen: string[] = []
  for await (const outcome of many.run('hello', { signal: controller.signal })) {
    seen.push(`${outcome.target} ${'error' in outcome ? outcome.error.code : 'ok'}`)
    controller.abort()
  }
  expect(seen).toEqual(['m://a ok', 'm://slow ABORTED'])
})

test('a transport with a call for many gets all its targets at once, and one target may be many machines', async () => {
  const calls: (readonly string[])[] = []
  const driver: TransportDriver<{ readonly host: string }> = {
    name: 'many',
    specVersion: 1,
    schemes: ['many'],
    options: { host: { type: 'string', from: 'host', required: true, describe: 'Name.' } },
    open: () => Promise.reject(new Error('not for one')),
    openFleet(targets) {
      calls.push(targets.map(({ host }) => host))
      return Promise.resolve({
        capabilities: { shell: 'posix' as const },
        async *exec({ command }: ExecRequest) {
          for (const [index, { host }] of targets.entries()) {
            for (const node of host === 'web' ? ['web-1', 'web-2'] : [host]) {
              if (node === 'gone') {
                yield { node, index, error: Object.assign(new Error('offline'), { code: 'CONNECT_FAILED' }) }
                continue
              }
              yield { node, index, event: { type: 'stdout' as const, data: Buffer.from(`${node}: ${command}`) } }
              if (node !== 'cut') yield { node, index, event: { type: 'exit' as const, code: 0, signal: null } }
            }
          }
          await Promise.resolve()
        },
        close: () => {
          calls.push(['close'])
          return Promise.resolve()
        },
      })
    },
  }
  await using many = fleet(['many://web', 'many://one', 'many://gone', 'many://cut'], { registry: createRegistry([driver]) })
  expect(await outcomes(many.run(['echo', 'a b']))).toEqual([
    'many://cut PROTOCOL_ERROR',
    'many://gone CONNECT_FAILED',
    "many://one one: 'echo' 'a b'",
    "many://web-1 web-1: 'echo' 'a b'",
    "many://web-2 web-2: 'echo' 'a b'",
  ])
  await many.close()
  expect(calls).toEqual([['web', 'one', 'gone', 'cut'], ['close']])
})
