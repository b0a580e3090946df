import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '@train-ts/core'
import driver from '@train-ts/transport-awsssm'
import type { Call, Fault } from '@train-ts/transport-awsssm/emulator'
import type { Invocation, RunCommandApi } from '../src/aws.js'
import { commandLimits } from '../src/poll.js'
import { runCommand } from '../src/run-command.js'
import { alive, execRequest, nodeId, openContext, outcome, start, until } from './harness.js'

/** The fault for the first calls of one operation. */
const first = (operation: string, count: number, fault: Fault) => (call: Call) => (call.operation === operation && call.index < count ? fault : undefined)

const coded = (code: ErrorCode, reason: string): unknown =>
  expect.objectContaining({ code, details: expect.objectContaining({ reason }) as object }) // vitest's matchers are any

describe('open', () => {
  test('asks once whether the agent is online', async () => {
    await using world = await start()
    await world.open()
    expect(world.emulator.calls.map((call) => call.operation)).toEqual(['DescribeInstanceInformation'])
  })
  test('tells apart: unknown, offline, denied, unreachable', async () => {
    await using world = await start({
      nodes: [{ id: nodeId, ping: 'ConnectionLost' }, { id: 'mi-0123456789abcdef0' }, { id: 'i-00000000000000009', platformType: 'Windows' }],
    })
    await expect(world.open()).rejects.toEqual(coded('CONNECT_FAILED', 'agent-offline'))
    await expect(driver.open({ ...world.options, host: 'i-0fffffffffffffff0' }, openContext())).rejects.toEqual(coded('CONNECT_FAILED', 'unknown-instance'))
    await expect(driver.open({ ...world.options, host: 'i-00000000000000009' }, openContext())).rejects.toEqual(coded('UNSUPPORTED', 'platform'))
    const hybrid = await driver.open({ ...world.options, host: 'mi-0123456789abcdef0' }, openContext())
    await hybrid.close()
    await using denying = await start({ deny: ['ssm:DescribeInstanceInformation'] })
    await expect(denying.open()).rejects.toEqual(coded('AUTH_FAILED', 'access-denied'))
    await expect(denying.open()).rejects.toThrow(/Allow the IAM action ssm:DescribeInstanceInformation/)
    await denying.emulator.close()
    const refused = new AbortController()
    const opening = start({ fault: () => 'reset' })
    await using resetting = await opening
    const stubborn = resetting.open(openContext(refused.signal))
    await until(() => resetting.emulator.calls.length > 1, 'it tries again')
    refused.abort(new Error('waited long enough'))
    await expect(stubborn).rejects.toThrow('waited long enough')
  })
  test('an API that accepts and says nothing: the abort ends it at once', async () => {
    await using world = await start({ fault: () => 'silence' })
    const controller = new AbortController()
    const opening = world.open(openContext(controller.signal))
    await until(() => world.emulator.calls.length > 0, 'the request is there')
    controller.abort(new Error('too slow'))
    await expect(opening).rejects.toThrow('too slow')
  })
  test.each([
    ['UnrecognizedClientException', 'bad-credentials'],
    ['InvalidSignatureException', 'bad-credentials'],
    ['ExpiredTokenException', 'expired-token'],
  ])('%s is AUTH_FAILED, and is not tried again', async (error, reason) => {
    await using world = await start({ fault: () => ({ error, message: 'no' }) })
    await expect(world.open()).rejects.toEqual(coded('AUTH_FAILED', reason))
    expect(world.emulator.calls).toHaveLength(1)
  })
  test('tags name many nodes: the error names fleet', async () => {
    await using world = await start()
    await expect(driver.open({ ...world.options, host: undefined, tags: { Role: 'web' } }, openContext())).rejects.toThrow(/fleet/)
  })
})

describe('the service misbehaves', () => {
  test('throttling is waited out, of sending and of polling; the command runs once', async () => {
    await using world = await start({ fault: (call) => first('SendCommand', 2, 'throttle')(call) ?? first('GetCommandInvocation', 3, 'throttle')(call) })
    const session = await world.open()
    expect((await outcome(session.exec(execRequest('echo $SSM_COMMAND_ID >> "$TMPDIR/ran"; wc -l < "$TMPDIR/ran"')))).stdout.toString().trim()).toBe('1')
    expect(world.count('SendCommand')).toBe(3)
  })
  test('throttling without end is BUSY, before anything was sent', async () => {
    const clock = { now: () => 0, random: () => 0, pause: () => Promise.resolve() }
    const { createApi, createClient } = await import('../src/aws.js')
    await using world = await start({ fault: (call) => (call.operation === 'SendCommand' ? 'throttle' : undefined) })
    const client = await createClient(world.options)
    const sending = createApi(client, clock).send(nodeId, { text: 'true', deliverySeconds: 30, executionSeconds: 30, comment: '' }, new AbortController().signal)
    await expect(sending).rejects.toEqual(coded('BUSY', 'throttled'))
    expect(world.count('SendCommand')).toBe(8)
    client.client.destroy()
  })
  test('InvocationDoesNotExist is pending', async () => {
    await using world = await start({ fault: first('GetCommandInvocation', 3, { error: 'InvocationDoesNotExist' }) })
    expect(await outcome((await world.open()).exec(execRequest('exit 7')))).toMatchObject({ code: 7 })
    expect(world.count('GetCommandInvocation')).toBeGreaterThan(3)
  })
  test('connections that are reset, and errors of the server, do not lose a running command', async () => {
    await using world = await start({ fault: (call) => first('GetCommandInvocation', 1, 'reset')(call) ?? (call.operation === 'GetCommandInvocation' && call.index === 1 ? 'server-error' : undefined) })
    expect(await outcome((await world.open()).exec(execRequest('exit 7')))).toMatchObject({ code: 7 })
  })
  test('an answer to SendCommand that is lost: the command is found again, not sent again', async () => {
    await using world = await start({ fault: first('SendCommand', 1, 'lose-answer') })
    const session = await world.open()
    expect((await outcome(session.exec(execRequest('echo $SSM_COMMAND_ID >> "$TMPDIR/ran"; wc -l < "$TMPDIR/ran"')))).stdout.toString().trim()).toBe('1')
    expect([world.count('SendCommand'), world.count('ListCommands') > 0]).toEqual([1, true])
  })
  test('denied: the error names the IAM action', async () => {
    await using world = await start({ deny: ['ssm:SendCommand'] })
    await expect(outcome((await world.open()).exec(execRequest('true')))).rejects.toThrow(/ssm:SendCommand/)
  })
  test('the node goes away between open and run', async () => {
    await using world = await start({ fault: (call) => (call.operation === 'SendCommand' ? { error: 'InvalidInstanceId' } : undefined) })
    await expect(outcome((await world.open()).exec(execRequest('true')))).rejects.toEqual(coded('CONNECT_FAILED', 'invalid-instance'))
  })
})

describe('the agent misbehaves', () => {
  test('it never picks the command up: the delivery times out, and nothing ran', async () => {
    await using world = await start({ nodes: [{ id: nodeId, agent: 'silent' }], timeScale: 0.01 })
    await expect(outcome((await world.open()).exec(execRequest('true', { timeout: 20_000 })))).rejects.toEqual(coded('CONNECTION_LOST', 'not-delivered'))
  })
  test('the time on the node is up: TIMEOUT, with what was written until then', async () => {
    await using world = await start({ timeScale: 0.1 }, { execution_timeout: 5_000 })
    const events: string[] = []
    const session = await world.open()
    const consume = async (): Promise<void> => {
      for await (const event of session.exec(execRequest('echo first; echo warning >&2; sleep 63.5'))) if ('data' in event) events.push(Buffer.from(event.data).toString())
    }
    await expect(consume()).rejects.toMatchObject({ code: 'TIMEOUT', details: { timeout: 5_000 } })
    expect(events).toEqual(['first\n', 'warning\n'])
  })
  test('somebody else cancels the command: killed, with what was written until then', async () => {
    await using world = await start()
    const session = await world.open()
    const running = outcome(session.exec(execRequest('echo first; sleep 64.5')))
    await until(() => alive('sleep 64.5'), 'the command runs')
    const { SSMClient, CancelCommandCommand, ListCommandsCommand } = await import('@aws-sdk/client-ssm')
    const client = new SSMClient(world.emulator.options)
    const id = (await client.send(new ListCommandsCommand({}))).Commands?.[0]?.CommandId
    await client.send(new CancelCommandCommand({ CommandId: id }))
    client.destroy()
    expect(await running).toMatchObject({ code: null, signal: 'SIGKILL', stdout: Buffer.from('first\n'), truncated: [] })
  })
  test('the shell around the command is killed: CONNECTION_LOST, never a code', async () => {
    await using world = await start()
    await expect(outcome((await world.open()).exec(execRequest('echo first; kill -9 $PPID; sleep 1')))).rejects.toEqual(coded('CONNECTION_LOST', 'no-result'))
  })
})

describe('an end that never comes', () => {
  const api = (invocation: () => Invocation | undefined, log: string[]): RunCommandApi => ({
    describeNode: () => Promise.resolve(undefined),
    send: () => { log.push('send'); return Promise.resolve('c') },
    invocation: () => { log.push('poll'); return Promise.resolve(invocation()) },
    cancel: () => { log.push('cancel'); return Promise.resolve() },
  })
  const run = async (invocation: () => Invocation | undefined, log: string[], elapsed: { ms: number }) => {
    const clock = { now: () => elapsed.ms, random: () => 0.5, pause: (milliseconds: number) => { elapsed.ms += milliseconds; return Promise.resolve() } }
    return runCommand({ api: api(invocation, log), id: nodeId, clock, background: new Set() }, 'true', commandLimits(60_000, 0), '', new AbortController().signal)
  }
  test('in progress for ever: after delivery, execution and a margin it is cancelled', async () => {
    const log: string[] = []
    const elapsed = { ms: 0 }
    const forever = { status: 'InProgress', statusDetails: 'InProgress', responseCode: -1, stdout: '', stderr: '' }
    await expect(run(() => forever, log, elapsed)).rejects.toEqual(coded('TIMEOUT', 'no-answer'))
    expect(elapsed.ms).toBeGreaterThan(160_000)
    expect(elapsed.ms).toBeLessThan(165_000)
    expect(log.at(-1)).toBe('cancel')
  })
  test('never visible: half a minute, not for ever', async () => {
    const log: string[] = []
    const elapsed = { ms: 0 }
    await expect(run(() => undefined, log, elapsed)).rejects.toEqual(coded('CONNECTION_LOST', 'invisible'))
    expect(elapsed.ms).toBeLessThan(35_000)
    expect(log.at(-1)).toBe('cancel')
  })
})
