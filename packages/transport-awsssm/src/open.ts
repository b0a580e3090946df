// From options to a session: a client, a node whose agent is online, and the way that `mode` names.
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { OpenContext, Session } from '@train-ts/core'
import { isTransportError, TransportError } from '@train-ts/core'
import { pause, raceAbort } from './abort.js'
import type { Aws, Clock, NodeInformation, RunCommandApi } from './aws.js'
import { createApi, createClient } from './aws.js'
import { capabilities } from './capabilities.js'
import { toTransportError } from './errors.js'
import { createExec } from './exec.js'
import type { AwsSsmOptions } from './options.js'
import type { Forwarder } from './session/forward.js'
import { createForwarder } from './session/forward.js'
import { openSession } from './session/open-session.js'
import { createSessionApi } from './session/session-api.js'

const systemClock: Clock = { now: () => performance.now(), random: Math.random, pause }

export async function open(given: Readonly<AwsSsmOptions>, context: OpenContext, clock: Clock = systemClock): Promise<Session<SSMClient>> {
  const options = oneNode(given)
  const aws = await createClient(options)
  try {
    const api = createApi(aws, clock)
    const node = await raceAbort(api.describeNode(options.host, context.signal), context.signal)
    checkNode(options.host, node)
    const region = await aws.client.config.region()
    const session = await openMode(aws, api, region, options, clock, context)
    const forwarder = createForwarder({ api: createSessionApi(aws), region, endpoint: options.endpoint }, options.host)
    return withClient(session, forwarder, aws.client, options)
  } catch (error) {
    aws.client.destroy()
    context.signal.throwIfAborted()
    throw toTransportError(error, 'DescribeInstanceInformation', 'CONNECT_FAILED')
  }
}

async function openMode(
  aws: Aws, api: RunCommandApi, region: string, options: OneNode, clock: Clock, context: OpenContext,
): Promise<Session> {
  const runCommand = (): Session => {
    const { execution_timeout: executionTimeout, output_limit: outputLimit } = options
    const { exec, close } = createExec({ api, id: options.host, clock, background: new Set(), executionTimeout, outputLimit })
    return { capabilities: capabilities(outputLimit), exec, close }
  }
  if (options.mode === 'run-command') return runCommand()
  try {
    return await openSession(aws, { options, region }, context)
  } catch (error) {
    // Never silently, and never after an abort.
    if (options.mode !== 'auto' || context.signal.aborted || !isTransportError(error)) throw error
    context.notice({ code: 'run-command', message: `No session, so commands travel by Run Command: ${error.message.split('\n')[0] ?? ''}` })
    return runCommand()
  }
}

/** The session as it is, with what all modes have in common. */
function withClient(session: Session, forwarder: Forwarder, client: SSMClient, options: OneNode): Session<SSMClient> {
  return {
    ...(session.capabilities === undefined ? {} : { capabilities: session.capabilities }),
    native: client,
    exec: (request) => session.exec(request),
    forward: (to, callContext) => forwarder.forward(to, callContext),
    async close() {
      await Promise.all([session.close(), forwarder.close()])
      client.destroy()
    },
    loginCommand: () => loginCommand(options),
  }
}

type OneNode = Readonly<AwsSsmOptions> & { readonly host: string }

function oneNode(options: Readonly<AwsSsmOptions>): OneNode {
  if (options.host !== undefined) return { ...options, host: options.host }
  throw new TransportError('INVALID_TARGET', 'Tags may name many nodes, and a connection is to one.', { hint: 'Use fleet([url]), or the id of one node.' })
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

function loginCommand({ host, region, profile }: OneNode): readonly string[] {
  return ['aws', 'ssm', 'start-session', '--target', host, ...(region === undefined ? [] : ['--region', region]), ...(profile === undefined ? [] : ['--profile', profile])]
}
