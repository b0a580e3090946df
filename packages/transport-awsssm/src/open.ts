// From options to a session: a client, and a node whose agent is online.
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { DeclaredCapabilities, OpenContext, Session } from '@train-ts/core'
import { TransportError } from '@train-ts/core'
import { pause, raceAbort } from './abort.js'
import type { Clock, NodeInformation } from './aws.js'
import { createApi, createClient } from './aws.js'
import { budget } from './envelope.js'
import { toTransportError } from './errors.js'
import { createExec, workers } from './exec.js'
import type { AwsSsmOptions } from './options.js'

const systemClock: Clock = { now: () => performance.now(), random: Math.random, pause }

export async function open(options: Readonly<AwsSsmOptions>, context: OpenContext, clock: Clock = systemClock): Promise<Session<SSMClient>> {
  if (options.mode !== 'run-command') {
    throw new TransportError('UNSUPPORTED', `mode=${options.mode} is not there yet: commands travel by Run Command.`, { hint: 'Leave out mode, or write mode=run-command.' })
  }
  const { sdk, client } = await createClient(options)
  try {
    const api = createApi({ sdk, client }, clock)
    const node = await raceAbort(api.describeNode(options.host, context.signal), context.signal)
    checkNode(options.host, node)
    const { execution_timeout: executionTimeout, output_limit: outputLimit } = options
    const { exec, close } = createExec({ api, id: options.host, clock, background: new Set(), executionTimeout, outputLimit })
    return {
      capabilities: capabilities(options.output_limit),
      native: client,
      exec,
      async close() {
        await close()
        client.destroy()
      },
      loginCommand: () => loginCommand(options),
    }
  } catch (error) {
    client.destroy()
    context.signal.throwIfAborted()
    throw toTransportError(error, 'DescribeInstanceInformation', 'CONNECT_FAILED')
  }
}

function capabilities(outputLimit: number): DeclaredCapabilities {
  return {
    shell: 'posix',
    stderr: true,
    exitCode: true,
    stdin: 'whole',
    streaming: false,
    kill: 'none',
    binary: true,
    privateInput: false,
    concurrency: workers,
    limits: { command: budget.command, stdin: budget.stdin, stdout: outputLimit, stderr: outputLimit },
  }
}

function checkNode(id: string, node: NodeInformation | undefined): void {
  if (node === undefined) {
    throw new TransportError('CONNECT_FAILED', `Systems Manager knows no node ${id} in this region.`, {
      hint: 'Check the id and the region; a new instance needs amazon-ssm-agent, an instance profile with AmazonSSMManagedInstanceCore, and a minute or two.',
      details: { reason: 'unknown-instance' },
    })
  }
  if (node.pingStatus !== 'Online') {
    throw new TransportError('CONNECT_FAILED', `The agent of ${id} is offline (${node.pingStatus}).`, {
      hint: 'Is the node running? Then restart amazon-ssm-agent, and check that it reaches the endpoints of Systems Manager.',
      details: { reason: 'agent-offline' },
    })
  }
  if (node.platformType === 'Windows') {
    throw new TransportError('UNSUPPORTED', `${id} runs Windows; this transport runs commands on Linux and macOS so far.`, { details: { reason: 'platform' } })
  }
}

function loginCommand({ host, region, profile }: Readonly<AwsSsmOptions>): readonly string[] {
  return ['aws', 'ssm', 'start-session', '--target', host, ...(region === undefined ? [] : ['--region', region]), ...(profile === undefined ? [] : ['--profile', profile])]
}
