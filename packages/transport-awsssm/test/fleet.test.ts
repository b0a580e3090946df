import { connect, fleet, registerTransport } from '@train-ts/core'
import { describe, expect, test } from 'vitest'
import driver from '@train-ts/transport-awsssm'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import type { Emulator, NodeKnobs } from '@train-ts/transport-awsssm/emulator'
import { splitCombined } from '../src/combined.js'
import { alive, until } from './harness.js'

registerTransport(driver)

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `i-${String(index).padStart(17, '0')}`)
const urls = (list: readonly string[]): string[] => list.map((id) => `awsssm://${id}/`)
const count = (emulator: Emulator, operation: string): number => emulator.calls.filter((call) => call.operation === operation).length

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('fleet', () => {
  test('sixty nodes by id: two SendCommands, shared polls, each its own answer', async () => {
    const nodes = ids(60)
    await using emulator = await startEmulator({ nodes: nodes.map((id) => ({ id })), pickUp: [1, 20] })
    await using all60 = fleet(urls(nodes), emulator.options)
    const outcomes = await all(all60.run('echo $AWS_SSM_INSTANCE_ID; echo e >&2; exit 3'))
    expect(outcomes.map((outcome) => ('result' in outcome ? [outcome.result.stdout.trim(), outcome.result.stderr, outcome.result.exitCode] : outcome.error)).sort()).toEqual(nodes.map((id) => [id, 'e\n', 3]))
    expect(count(emulator, 'SendCommand')).toBe(2)
    expect(count(emulator, 'GetCommandInvocation')).toBe(0)
    expect(emulator.calls.length).toBeLessThan(30)
  })
  test('unknown and offline nodes do not stop the rest, and say what they are', async () => {
    const nodes: NodeKnobs[] = [...ids(5).map((id) => ({ id })), { id: 'mi-0000000000000000f', ping: 'ConnectionLost' }]
    await using emulator = await startEmulator({ nodes, pickUp: [1, 20] })
    await using some = fleet(urls([...ids(5), 'i-0fffffffffffffff0', 'mi-0000000000000000f']), emulator.options)
    const outcomes = await all(some.run('exit 0'))
    const failures = outcomes.flatMap((outcome) => ('error' in outcome ? [[outcome.target, outcome.error.code, outcome.error.details.reason]] : []))
    expect(failures.sort()).toEqual([['awsssm://i-0fffffffffffffff0', 'CONNECT_FAILED', 'unknown-instance'], ['awsssm://mi-0000000000000000f', 'CONNECT_FAILED', 'agent-offline']])
    expect(outcomes.filter((outcome) => 'result' in outcome)).toHaveLength(5)
  })
  test('by tags: one SendCommand with Targets, whatever the number of nodes', async () => {
    const nodes = ids(6).map((id, index) => ({ id, tags: { Role: index < 4 ? 'web' : 'db' } }))
    await using emulator = await startEmulator({ nodes, pickUp: [1, 20] })
    await using web = fleet(['awsssm://?tag:Role=web&max_concurrency=2'], emulator.options)
    const outcomes = await all(web.run('hostname >/dev/null; echo ok'))
    expect(outcomes.map(({ target }) => target).sort()).toEqual(ids(4).map((id) => `awsssm://${id}`))
    expect(count(emulator, 'SendCommand')).toBe(1)
    expect(emulator.calls.find((call) => call.operation === 'SendCommand')?.input).toMatchObject({ Targets: [{ Key: 'tag:Role', Values: ['web'] }], MaxConcurrency: '2', MaxErrors: '100%' })
  })
  test('tags that no node has are an error, not silence', async () => {
    await using emulator = await startEmulator({ pickUp: [1, 5] })
    await using none = fleet(['awsssm://?tag:Role=nobody'], emulator.options)
    expect(await all(none.run('true'))).toMatchObject([{ error: { code: 'CONNECT_FAILED', details: { reason: 'no-targets' } } }])
  })
  test('long output and binary output arrive whole, each from its own node', async () => {
    const nodes = ids(2)
    await using emulator = await startEmulator({ nodes: nodes.map((id) => ({ id })), pickUp: [1, 10] })
    await using two = fleet(urls(nodes), emulator.options)
    const outcomes = await all(two.run('seq 1 9000; head -c 20000 /dev/urandom | od -An -tx1 >&2'))
    for (const outcome of outcomes) expect('result' in outcome ? [outcome.result.stdout.length, outcome.result.truncated, outcome.result.exitCode] : outcome.error).toEqual([43_893, false, 0])
  })
  test('output beyond the limit is truncated, and what is left on the nodes goes with the next command', async () => {
    const nodes = ids(2)
    await using emulator = await startEmulator({ nodes: nodes.map((id) => ({ id })), pickUp: [1, 10] })
    await using two = fleet(urls(nodes), { ...emulator.options, output_limit: 20_000 })
    const cut = await all(two.run('head -c 40000 /dev/urandom'))
    expect(cut.map((outcome) => 'result' in outcome && outcome.result.truncated)).toEqual([true, true])
    await all(two.run('true'))
    const left = await all(two.run('ls -d $TMPDIR/.train-ts-* | wc -l'))
    expect(left.map((outcome) => ('result' in outcome ? outcome.result.stdout.trim() : outcome.error))).toEqual(['1', '1'])
  })
  test('a timeout cancels all of it, and the far side is dead', async () => {
    const nodes = ids(3)
    await using emulator = await startEmulator({ nodes: nodes.map((id) => ({ id })), pickUp: [1, 10] })
    await using three = fleet(urls(nodes), emulator.options)
    const outcomes = await all(three.run('sleep 72.5', { timeout: 700 }))
    expect(outcomes.map((outcome) => ('error' in outcome ? outcome.error.code : 'result'))).toEqual(['TIMEOUT', 'TIMEOUT', 'TIMEOUT'])
    await until(async () => !(await alive('sleep 72.5')), 'it is dead')
  })
  test('tags given to connect are INVALID_TARGET, and the hint names fleet', async () => {
    await using emulator = await startEmulator()
    await expect(connect('awsssm://?tag:Role=web', emulator.options)).rejects.toMatchObject({ code: 'INVALID_TARGET', message: expect.stringContaining('fleet') as string })
  })
})

describe('both streams in one text', () => {
  test('are told apart by their sizes', () => {
    expect(splitCombined('%train-ts 1 0 t:3:3 t:0:0 lost=\nabc')).toEqual({ stdout: '%train-ts 1 0 t:3:3 t:0:0 lost=\nabc', stderr: '' })
    expect(splitCombined('%train-ts 1 2 t:2:2 t:3:3 lost=\nü\n----------ERROR-------\nerrfailed to run commands: exit status 1')).toEqual({ stdout: '%train-ts 1 2 t:2:2 t:3:3 lost=\nü', stderr: 'errfailed to run commands: exit status 1' })
  })
  test('what was cut, or is not ours, is not guessed', () => {
    for (const text of ['', 'x', '%train-ts 1 0 t:9:9 t:0:0 lost=\nabc', '%train-ts 1 0 t:3:3 t:0:0 lost=\nabc\n---Output truncated---', '%train-ts 1 0 t:1:1 t:9:9 lost=\na\n----------ERROR-------\nb']) {
      expect(splitCombined(text)).toBeUndefined()
    }
  })
})
