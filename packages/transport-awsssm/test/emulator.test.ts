// The emulator against what was measured of the real agent and service, through the unmodified SDK and without our envelope.
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { CancelCommandCommand, DescribeInstanceInformationCommand, GetCommandInvocationCommand, ListCommandInvocationsCommand, ListCommandsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm'
import type { GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import type { Emulator, EmulatorKnobs } from '@train-ts/transport-awsssm/emulator'
import { alive, nodeId, until } from './harness.js'

const quick: EmulatorKnobs = { pickUp: [1, 5], visible: [0, 0], publish: [1, 2] }
let emulator: Emulator
let client: SSMClient
beforeAll(async () => {
  emulator = await startEmulator({ ...quick, timeScale: 0.1, parameters: { greeting: 'hello' } })
  client = new SSMClient(emulator.options)
})
afterAll(async () => {
  client.destroy()
  await emulator.close()
})

async function send(commands: readonly string[], parameters: Record<string, string[]> = {}, more: object = {}): Promise<string> {
  const answer = await client.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [nodeId], Parameters: { commands: [...commands], ...parameters }, ...more }))
  return answer.Command?.CommandId ?? ''
}

async function end(id: string): Promise<GetCommandInvocationCommandOutput> {
  let answer: GetCommandInvocationCommandOutput | undefined
  await until(async () => {
    answer = await client.send(new GetCommandInvocationCommand({ CommandId: id, InstanceId: nodeId }))
    return !/Pending|InProgress|Delayed|Cancelling/.test(answer.Status ?? '')
  }, 'a terminal status')
  if (answer === undefined) throw new Error('no answer')
  return answer
}

async function run(...commands: readonly string[]) {
  const { Status, StatusDetails, ResponseCode, StandardOutputContent, StandardErrorContent } = await end(await send(commands))
  return { status: Status, details: StatusDetails, code: ResponseCode, out: StandardOutputContent, err: StandardErrorContent }
}

describe('a bare command', () => {
  test('all strings are one script in one shell, without set -e', async () => {
    expect(await run('cd /usr', 'false', 'x=1', 'echo $PWD$x')).toEqual({ status: 'Success', details: 'Success', code: 0, out: '/usr1\n', err: '' })
  })
  test('a first line #! is honoured', async () => {
    expect((await run('#!/usr/bin/env bash', 'echo ${BASH_VERSION:+bash}')).out).toBe('bash\n')
  })
  test('the agent appends its sentence to stderr, with no newline before it', async () => {
    expect(await run('echo out; printf err >&2; exit 2')).toEqual({ status: 'Failed', details: 'Failed', code: 2, out: 'out\n', err: 'errfailed to run commands: exit status 2' })
  })
  test('168 is a success without stderr, 169 a failure, 137 a timeout', async () => {
    expect(await run('echo a; echo b >&2; exit 168')).toMatchObject({ status: 'Success', code: 168, err: '', out: expect.stringMatching(/^a\n\nStep exited with code 168\./) as string })
    expect(await run('exit 169')).toMatchObject({ status: 'Failed', code: 169 })
    expect(await run('echo a; kill -9 $$')).toMatchObject({ status: 'TimedOut', code: 137, out: 'a\n', err: expect.not.stringContaining('failed to run') as string })
  })
  test('194 reboots the node and runs the step again', async () => {
    expect(await run('[ -e "$TMPDIR/again" ] && exit 0; touch "$TMPDIR/again"; exit 194')).toMatchObject({ status: 'Success', code: 0 })
    expect(emulator.reboots(nodeId)).toBe(1)
  })
  test('a child that keeps stdout holds the step', async () => {
    const started = performance.now()
    await run('sleep 1 & echo done')
    expect(performance.now() - started).toBeGreaterThan(1_000)
  })
  test('both cuts, in their order', async () => {
    const { out, err } = await run('head -c 30000 /dev/zero | tr "\\0" x; head -c 30000 /dev/zero | tr "\\0" y >&2')
    expect([out?.length, out?.slice(-21), err?.length, err?.slice(-3)]).toEqual([24_000, 'x--output truncated--', 8_000, 'yyy'])
  })
  test('its environment is the agent’s: no HOME, stdin /dev/null, the variables of Systems Manager', async () => {
    expect((await run('echo "[$HOME]"; readlink /proc/self/fd/0; echo $AWS_SSM_INSTANCE_ID $AWS_SSM_REGION_NAME')).out).toBe(`[]\n/dev/null\n${nodeId} eu-central-1\n`)
  })
  test('a parameter is put in, and one that cannot be resolved fails the document', async () => {
    expect((await run('echo {{ssm:greeting}} {{ other }}')).out).toBe('hello {{ other }}\n')
    expect(await run('echo {{ssm:missing}}')).toMatchObject({ status: 'Failed', out: '' })
  })
  test('a working directory: an absolute one that is missing is misleading, a relative one is ignored', async () => {
    expect(await end(await send(['pwd'], { workingDirectory: ['/nowhere'] }))).toMatchObject({ Status: 'Failed', ResponseCode: 1, StandardErrorContent: 'failed to run commands: fork/exec /usr/bin/sh: no such file or directory' })
    expect(await end(await send(['pwd'], { workingDirectory: ['usr'] }))).toMatchObject({ Status: 'Success' })
  })
  test('the execution timeout kills the group; what it said is kept', async () => {
    const answer = await end(await send(['echo a; sleep 65.5'], { executionTimeout: ['5'] }))
    expect(answer).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut', ResponseCode: 137, StandardOutputContent: 'a\n' })
    await until(async () => !(await alive('sleep 65.5')), 'it is dead')
  })
  test('a cancel kills the group; what it said is kept', async () => {
    const id = await send(['echo a; sleep 66.5'])
    await until(() => alive('sleep 66.5'), 'it runs')
    await client.send(new CancelCommandCommand({ CommandId: id }))
    expect(await end(id)).toMatchObject({ Status: 'Cancelled', ResponseCode: 137, StandardOutputContent: 'a\n' })
    await until(async () => !(await alive('sleep 66.5')), 'it is dead')
  })
  test('five workers: the sixth waits', async () => {
    const started = performance.now()
    await Promise.all(Array.from({ length: 6 }, () => run('sleep 0.4')))
    expect(performance.now() - started).toBeGreaterThan(800)
  })
  test('a list shows both streams in one text', async () => {
    const id = await send(['echo a; echo b >&2'])
    await end(id)
    const answer = await client.send(new ListCommandInvocationsCommand({ CommandId: id, Details: true }))
    expect(answer.CommandInvocations?.[0]?.CommandPlugins?.[0]).toMatchObject({ Name: 'aws:runShellScript', Output: 'a\n\n----------ERROR-------\nb\n', ResponseCode: 0 })
    expect((await client.send(new ListCommandsCommand({ CommandId: id }))).Commands?.[0]).toMatchObject({ Status: 'Success', CompletedCount: 1, TargetCount: 1 })
  })
})

describe('the service', () => {
  test.each([
    ['an unknown document', { DocumentName: 'Nope' }, 'InvalidDocument'],
    ['an unknown node', { InstanceIds: ['i-0fffffffffffffff0'] }, 'InvalidInstanceId'],
    ['an unknown parameter', { Parameters: { commands: ['true'], other: ['x'] } }, 'InvalidParameters'],
    ['no commands', { Parameters: {} }, 'InvalidParameters'],
    ['a document over 64 KB', { Parameters: { commands: ['x'.repeat(66_000)] } }, 'MaxDocumentSizeExceeded'],
    ['a timeout below 30', { TimeoutSeconds: 5 }, 'ValidationException'],
    ['more than 50 nodes', { InstanceIds: Array.from({ length: 51 }, () => nodeId) }, 'ValidationException'],
  ])('refuses %s', async (_title, input, name) => {
    await expect(send(['true'], {}, input)).rejects.toMatchObject({ name })
  })
  test('a new command is not visible at once: an error in one call, an empty list in the other', async () => {
    await using slow = await startEmulator({ ...quick, visible: [60_000, 60_000] })
    const other = new SSMClient(slow.options)
    const { Command } = await other.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [nodeId], Parameters: { commands: ['true'] } }))
    const id = Command?.CommandId ?? ''
    await expect(other.send(new GetCommandInvocationCommand({ CommandId: id, InstanceId: nodeId }))).rejects.toMatchObject({ name: 'InvocationDoesNotExist' })
    expect((await other.send(new ListCommandInvocationsCommand({ CommandId: id }))).CommandInvocations).toEqual([])
    other.destroy()
  })
  test('lists come in pages', async () => {
    await using many = await startEmulator({ ...quick, nodes: Array.from({ length: 7 }, (_, index) => ({ id: `mi-0000000000000000${String(index)}` })) })
    const other = new SSMClient(many.options)
    const first = await other.send(new DescribeInstanceInformationCommand({ MaxResults: 5 }))
    const second = await other.send(new DescribeInstanceInformationCommand({ MaxResults: 5, NextToken: first.NextToken }))
    expect([first.InstanceInformationList?.length, second.InstanceInformationList?.length, second.NextToken]).toEqual([5, 2, undefined])
    other.destroy()
  })
  test('an unsigned request, another method and a body that is no JSON are refused in AWS’s shape', async () => {
    const headers = { 'x-amz-target': 'AmazonSSM.ListCommands', 'content-type': 'application/x-amz-json-1.1' }
    const unsigned = await fetch(emulator.options.endpoint, { method: 'POST', headers, body: '{}' })
    expect([unsigned.status, await unsigned.json()]).toEqual([400, { __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }])
    expect(await (await fetch(emulator.options.endpoint)).json()).toMatchObject({ __type: 'UnknownOperationException' })
    const signed = { ...headers, 'x-amz-date': '20260101T000000Z', authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/ssm/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}` }
    expect(await (await fetch(emulator.options.endpoint, { method: 'POST', headers: signed, body: '{' })).json()).toMatchObject({ __type: 'SerializationException' })
    expect(await (await fetch(emulator.options.endpoint, { method: 'POST', headers: signed, body: '{"NextToken":"x"}' })).json()).toMatchObject({ __type: 'InvalidNextToken' })
  })
  test('throttles beyond its rate', async () => {
    await using limited = await startEmulator({ ...quick, rate: 2 })
    const other = new SSMClient({ ...limited.options, maxAttempts: 1 })
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => other.send(new ListCommandsCommand({}))))
    expect(answers.filter((answer) => answer.status === 'rejected').length).toBeGreaterThanOrEqual(3)
    other.destroy()
  })
  test('close ends what runs, and leaves no file', async () => {
    const other = await startEmulator(quick)
    const own = new SSMClient(other.options)
    await own.send(new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [nodeId], Parameters: { commands: ['sleep 67.5'] } }))
    await until(() => alive('sleep 67.5'), 'it runs')
    own.destroy()
    await other.close()
    await other.close()
    await until(async () => !(await alive('sleep 67.5')), 'it is dead')
    await emulator.close()
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('train-ts-ssm-'))).not.toContain(undefined)
  })
})
