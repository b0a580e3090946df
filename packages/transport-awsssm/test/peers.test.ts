// The emulator under clients that nobody here wrote.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import { describeWithPeer, testWithPeer } from '@train-ts/testkit/vitest'
import { startEmulator } from '@train-ts/transport-awsssm/emulator'
import type { Emulator } from '@train-ts/transport-awsssm/emulator'
import { peer } from '@train-ts/testkit'
import { nodeId } from './harness.js'

const run = promisify(execFile)
const awscli = peer('awscli')
const boto3 = peer('python3-boto3')

let emulator: Emulator
beforeAll(async () => { emulator = await startEmulator({ pickUp: [5, 30], visible: [0, 0] }) })
afterAll(() => emulator.close())

function environment(): NodeJS.ProcessEnv {
  const { endpoint, region, credentials } = emulator.options
  return {
    PATH: process.env['PATH'], HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '', ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey, AWS_DEFAULT_REGION: region, AWS_REGION: region,
  }
}

async function aws(...words: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(awscli.path ?? 'aws', ['--endpoint-url', emulator.options.endpoint, '--output', 'json', 'ssm', ...words], { env: environment() })
  return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>) // what the program prints
}

describeWithPeer(awscli, 'Debian’s awscli takes the emulator for Systems Manager', () => {
  testWithPeer(awscli, 'describe-instance-information', async () => {
    expect(await aws('describe-instance-information', '--filters', `Key=InstanceIds,Values=${nodeId}`)).toMatchObject({ InstanceInformationList: [{ InstanceId: nodeId, PingStatus: 'Online', PlatformType: 'Linux' }] })
  })
  testWithPeer(awscli, 'send-command, wait command-executed, get-command-invocation, list-command-invocations', async () => {
    const sent = await aws('send-command', '--document-name', 'AWS-RunShellScript', '--instance-ids', nodeId, '--parameters', JSON.stringify({ commands: ['echo hello; echo problem >&2'], executionTimeout: ['60'] }), '--comment', 'by awscli')
    const id = (sent as { Command: { CommandId: string } }).Command.CommandId // as awscli documents it
    expect(sent).toMatchObject({ Command: { DocumentName: 'AWS-RunShellScript', Status: 'Pending', Comment: 'by awscli', TargetCount: 1 } })
    await aws('wait', 'command-executed', '--command-id', id, '--instance-id', nodeId)
    expect(await aws('get-command-invocation', '--command-id', id, '--instance-id', nodeId)).toMatchObject({ Status: 'Success', ResponseCode: 0, StandardOutputContent: 'hello\n', StandardErrorContent: 'problem\n' })
    expect(await aws('list-command-invocations', '--command-id', id, '--details')).toMatchObject({ CommandInvocations: [{ InstanceId: nodeId, CommandPlugins: [{ Output: 'hello\n\n----------ERROR-------\nproblem\n' }] }] })
  }, 60_000)
  testWithPeer(awscli, 'an unknown node is InvalidInstanceId, a cancelled command is Cancelled', async () => {
    await expect(aws('send-command', '--document-name', 'AWS-RunShellScript', '--instance-ids', 'i-0fffffffffffffff0', '--parameters', 'commands=true')).rejects.toThrow(/InvalidInstanceId/)
    const sent = await aws('send-command', '--document-name', 'AWS-RunShellScript', '--instance-ids', nodeId, '--parameters', 'commands=sleep 68.5')
    const id = (sent as { Command: { CommandId: string } }).Command.CommandId // as awscli documents it
    await aws('cancel-command', '--command-id', id)
    await expect(aws('wait', 'command-executed', '--command-id', id, '--instance-id', nodeId)).rejects.toThrow(/terminal failure state/)
  }, 60_000)
})

const waiter = `
import os, boto3
ssm = boto3.client('ssm', endpoint_url=os.environ['ENDPOINT'])
def go(text):
    c = ssm.send_command(DocumentName='AWS-RunShellScript', InstanceIds=['${nodeId}'], Parameters={'commands': [text]})['Command']['CommandId']
    try:
        ssm.get_waiter('command_executed').wait(CommandId=c, InstanceId='${nodeId}', WaiterConfig={'Delay': 0.2, 'MaxAttempts': 50})
        end = 'ok'
    except Exception as e:
        end = type(e).__name__
    r = ssm.get_command_invocation(CommandId=c, InstanceId='${nodeId}')
    print(end, r['Status'], r['ResponseCode'], repr(r['StandardOutputContent']))
go('echo gr\\u00fcn')
go('exit 5')
try:
    ssm.get_command_invocation(CommandId='00000000-0000-0000-0000-000000000000', InstanceId='${nodeId}')
except ssm.exceptions.InvocationDoesNotExist as e:
    print('none')
print(len(list(ssm.get_paginator('describe_instance_information').paginate())))
`

describeWithPeer(boto3, 'boto3 takes the emulator for Systems Manager', () => {
  testWithPeer(boto3, 'its waiter, its exceptions and its paginator', async () => {
    const { stdout } = await run('/usr/bin/python3', ['-c', waiter], { env: environment() })
    expect(stdout.trim().split('\n')).toEqual(["ok Success 0 'grün\\n'", "WaiterError Failed 5 ''", 'none', '1'])
  }, 60_000)
})
