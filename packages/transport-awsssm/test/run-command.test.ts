import { describe, expect, test, beforeAll, afterAll } from 'vitest'
import type { Session } from '@train-ts/core'
import { alive, execRequest, once, outcome, start, until } from './harness.js'

let world: Awaited<ReturnType<typeof start>>
let session: Session
beforeAll(async () => {
  world = await start()
  session = await world.open()
})
afterAll(() => world[Symbol.asyncDispose]())

const run = (command: string, more = {}) => outcome(session.exec(execRequest(command, more)))

describe('exit codes are the command’s own', () => {
  test.each([0, 1, 2, 125, 126, 127, 130, 137, 168, 169, 193, 194, 255])('%i', async (code) => {
    const result = await run(`echo out; echo err >&2; exit ${String(code)}`)
    expect({ ...result, stdout: result.stdout.toString(), stderr: result.stderr.toString() }).toEqual({ code, signal: null, stdout: 'out\n', stderr: 'err\n', truncated: [] })
  })
  test('194 never reaches the agent', () => {
    expect(world.emulator.reboots('i-0123456789abcdef0')).toBe(0)
  })
  test('the agent’s own sentence is not taken for the command’s, and the command’s is not stripped', async () => {
    expect((await run('printf err >&2; exit 2')).stderr.toString()).toBe('err')
    expect((await run('printf "failed to run commands: exit status 2" >&2; exit 2')).stderr.toString()).toBe('failed to run commands: exit status 2')
  })
})

describe('output', () => {
  test('binary output survives on both streams', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    const result = await run(`cat; printf '\\377\\000\\376' >&2`, { stdin: once(all) })
    expect(result).toMatchObject({ stdout: all, stderr: Buffer.from([0xff, 0x00, 0xfe]), code: 0, truncated: [] })
  })
  test.each([
    ['text as it is', 'head -c 23700 /dev/zero | tr "\\0" a', 23_700, 1],
    ['text, compressed', 'head -c 24001 /dev/zero | tr "\\0" a', 24_001, 1],
    ['random bytes', 'head -c 17000 /dev/urandom', 17_000, 1],
    ['random bytes, in pages', 'head -c 40000 /dev/urandom', 40_000, 3],
  ])('%s: it arrives whole', async (_title, command, size, commands) => {
    const before = world.count('SendCommand')
    const result = await run(command)
    expect(result.truncated).toEqual([])
    expect(result.stdout.byteLength).toBe(size)
    expect(world.count('SendCommand') - before).toBe(commands)
  })
  test('stderr beyond the API’s 8,000 characters arrives whole', async () => {
    const result = await run('seq 1 3000 >&2; head -c 20000 /dev/urandom >&2; echo done')
    expect(result).toMatchObject({ truncated: [], stdout: Buffer.from('done\n') })
    expect(result.stderr.byteLength).toBe(13_893 + 20_000)
  })
  test('beyond the limit it is truncated, and says which stream', async () => {
    await using small = await start({}, { output_limit: 30_000 })
    const tight = await small.open()
    const result = await outcome(tight.exec(execRequest('head -c 100000 /dev/urandom; echo fine >&2; exit 3')))
    expect(result).toMatchObject({ code: 3, truncated: ['stdout'], stderr: Buffer.from('fine\n') })
    expect(result.stdout.byteLength).toBe(30_000)
    expect(small.count('SendCommand')).toBe(2)
    // The rest is removed from the node with the next command.
    await outcome(tight.exec(execRequest('true')))
    expect((await outcome(tight.exec(execRequest('ls -d $TMPDIR/.train-ts-*')))).stdout.toString().split('\n').filter((line) => line !== '')).toHaveLength(1)
  })
  test('output that looks like the envelope’s own first line is output', async () => {
    expect((await run("echo '%train-ts 1 0 t:0:0 t:0:0 lost='")).stdout.toString()).toBe('%train-ts 1 0 t:0:0 t:0:0 lost=\n')
  })
})

describe('the command', () => {
  test('braces that Systems Manager would replace are left alone', async () => {
    expect((await run("echo '{{ssm:/secret}}' {{ x }}")).stdout.toString()).toBe('{{ssm:/secret}} {{ x }}\n')
  })
  test('reads nothing where no stdin is given, and a whole stdin where one is', async () => {
    expect((await run('cat; echo end')).stdout.toString()).toBe('end\n')
    expect((await run('wc -c', { stdin: once(new Uint8Array(21_000)) })).stdout.toString().trim()).toBe('21000')
  })
  test('more stdin than fits is refused before anything is sent', async () => {
    const before = world.emulator.calls.length
    await expect(run('cat', { stdin: once(new Uint8Array(21_001)) })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(world.emulator.calls.length).toBe(before)
  })
  test('a background child does not hold it', async () => {
    const started = performance.now()
    expect((await run('sleep 8 & echo started')).stdout.toString()).toBe('started\n')
    expect(performance.now() - started).toBeLessThan(5_000)
  })
  test('five run at once, as many as the agent has workers', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, (_, index) => run(`sleep 0.3; echo ${String(index)}`)))
    expect(results.map((result) => result.stdout.toString().trim())).toEqual(['0', '1', '2', '3', '4'])
  })
  test('a sixth is BUSY, and nothing is sent for it', async () => {
    const controllers = Array.from({ length: 5 }, () => new AbortController())
    const running = controllers.map((controller) => run('sleep 69.5', { signal: controller.signal }).catch(() => 'stopped'))
    const before = world.count('SendCommand')
    await expect(run('true')).rejects.toMatchObject({ code: 'BUSY' })
    controllers[0]?.abort()
    expect(await run('exit 4')).toMatchObject({ code: 4 })
    for (const controller of controllers) controller.abort()
    expect(await Promise.all(running)).toEqual(Array.from({ length: 5 }, () => 'stopped'))
    expect(world.count('SendCommand') - before).toBeLessThanOrEqual(6)
  })
  test('one command is one SendCommand and a few polls', async () => {
    const before = world.emulator.calls.length
    await run('true')
    const calls = world.emulator.calls.slice(before).map((call) => call.operation)
    expect(calls[0]).toBe('SendCommand')
    expect(calls.filter((operation) => operation === 'SendCommand')).toHaveLength(1)
    expect(calls.length).toBeLessThanOrEqual(4)
  })
  test('its limits reach the service: the call’s time, else the option', async () => {
    await run('true', { timeout: 90_000 })
    expect(world.emulator.calls.findLast((call) => call.operation === 'SendCommand')?.input).toMatchObject({ TimeoutSeconds: 95, Parameters: { executionTimeout: ['95'] } })
    await run('true')
    expect(world.emulator.calls.findLast((call) => call.operation === 'SendCommand')?.input).toMatchObject({ TimeoutSeconds: 600, Parameters: { executionTimeout: ['600'] } })
  })
})

describe('stopping', () => {
  test('an abort cancels the command, and the far side is dead', async () => {
    const controller = new AbortController()
    const cancels = world.count('CancelCommand')
    const running = run('sleep 61.25', { signal: controller.signal })
    running.catch(() => undefined)
    await until(() => alive('sleep 61.25'), 'the command runs')
    controller.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    expect(world.count('CancelCommand') - cancels).toBe(1)
    await until(async () => !(await alive('sleep 61.25')), 'the command is dead')
    // Its directory goes with the next command.
    await run('true')
    expect((await run('ls -d $TMPDIR/.train-ts-*')).stdout.toString().trim().split('\n')).toHaveLength(1)
  })
  test('an abort before the start sends nothing', async () => {
    const before = world.emulator.calls.length
    await expect(run('echo never', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
    expect(world.emulator.calls.length).toBe(before)
  })
  test('leaving early is no error, and close ends what still runs', async () => {
    await using other = await start()
    const second = await other.open()
    const running = outcome(second.exec(execRequest('sleep 62.5')))
    running.catch(() => undefined)
    await until(() => alive('sleep 62.5'), 'the command runs')
    await second.close()
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await until(async () => !(await alive('sleep 62.5')), 'the command is dead')
  })
})
