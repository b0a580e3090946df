// The few calls of Systems Manager that Run Command needs, with retries that never run a command twice.
import type { SSMClient, SSMClientConfig } from '@aws-sdk/client-ssm'
import type { ErrorCode } from '@train-ts/core'
import type { Operation } from './errors.js'
import { describeFailure, isThrottling, isTransient, toTransportError } from './errors.js'
import type { AwsSsmOptions } from './options.js'
import { retryDelay } from './poll.js'

export interface NodeInformation {
  readonly pingStatus: string
  readonly platformType: string
  readonly platformName: string
  readonly platformVersion: string
  readonly agentVersion: string
}

export interface CommandRequest {
  readonly text: string
  readonly deliverySeconds: number
  readonly executionSeconds: number
  readonly comment: string
}

export interface Invocation {
  readonly status: string
  readonly statusDetails: string
  readonly responseCode: number
  /** Milliseconds that it ran; undefined: not over, or not told. */
  readonly elapsed?: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** What exec needs of the service; a test may give another one. */
export interface RunCommandApi {
  /** undefined: Systems Manager knows no such node. */
  describeNode(id: string, signal: AbortSignal): Promise<NodeInformation | undefined>
  /** The command's id. Sent once: after a lost answer the command is looked for by its comment, never sent again. */
  send(id: string, request: CommandRequest, signal: AbortSignal): Promise<string>
  /** undefined: not visible yet. */
  invocation(id: string, commandId: string, signal: AbortSignal): Promise<Invocation | undefined>
  cancel(id: string, commandId: string, signal: AbortSignal): Promise<void>
}

export interface Clock {
  /** Milliseconds, never backwards. */
  now(): number
  /** In [0, 1). */
  random(): number
  /** Rejects with the signal's reason. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** How often a request is tried in all. With the pauses about half a minute. */
const attempts = 8

export type Sdk = typeof import('@aws-sdk/client-ssm')

/** A client, and the module that its commands come from. */
export interface Aws {
  readonly sdk: Sdk
  readonly client: SSMClient
}

/** The SDK takes a quarter of a second to load: only who connects pays for it. */
export async function createClient(options: Readonly<AwsSsmOptions>): Promise<Aws> {
  const sdk = await import('@aws-sdk/client-ssm')
  const config: SSMClientConfig = {
    // The SDK would send SendCommand again after a lost answer, and the command would run twice.
    maxAttempts: 1,
    requestHandler: { requestTimeout: 15_000, connectionTimeout: 5_000, throwOnRequestTimeout: true },
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  }
  return { sdk, client: new sdk.SSMClient(config) }
}

export function createApi({ sdk, client }: Aws, clock: Clock): RunCommandApi {
  const call = callWith(clock)

  /** The command that a lost answer spoke of, if it was accepted; otherwise the loss itself. */
  const lookFor = async (id: string, comment: string, loss: unknown, signal: AbortSignal): Promise<string> => {
    for (let attempt = 0; attempt < 4; attempt++) {
      await clock.pause(retryDelay(attempt, clock.random(), undefined), signal)
      const answer = await client.send(new sdk.ListCommandsCommand({ InstanceId: id, MaxResults: 50 }), { abortSignal: signal }).catch(() => undefined)
      const found = answer?.Commands?.find((command) => command.Comment === comment)?.CommandId
      if (found !== undefined) return found
    }
    throw loss
  }

  return {
    async describeNode(id, signal) {
      const answer = await call('DescribeInstanceInformation', 'read', 'CONNECT_FAILED', signal, () =>
        client.send(new sdk.DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [id] }] }), { abortSignal: signal }))
      const node = answer.InstanceInformationList?.find((one) => one.InstanceId === id)
      if (node === undefined) return undefined
      return {
        pingStatus: node.PingStatus ?? '', platformType: node.PlatformType ?? '', platformName: node.PlatformName ?? '',
        platformVersion: node.PlatformVersion ?? '', agentVersion: node.AgentVersion ?? '',
      }
    },
    async send(id, { text, deliverySeconds, executionSeconds, comment }, signal) {
      // Without the signal: an aborted request may have been carried out, and then there would be a command without an id to cancel.
      const input = {
        DocumentName: 'AWS-RunShellScript', InstanceIds: [id], TimeoutSeconds: deliverySeconds, Comment: comment,
        Parameters: { commands: [text], executionTimeout: [String(executionSeconds)] },
      }
      return call('SendCommand', 'once', 'CONNECTION_LOST', signal, async () => {
        try {
          const answer = await client.send(new sdk.SendCommandCommand(input))
          return answer.Command?.CommandId ?? ''
        } catch (error) {
          if (!isTransient(error)) throw error
          return await lookFor(id, comment, error, signal)
        }
      })
    },
    async invocation(id, commandId, signal) {
      const answer = await call('GetCommandInvocation', 'poll', 'CONNECTION_LOST', signal, () =>
        client.send(new sdk.GetCommandInvocationCommand({ CommandId: commandId, InstanceId: id }), { abortSignal: signal }).catch(unlessInvisible))
      if (answer === undefined) return undefined
      return {
        status: answer.Status ?? '', statusDetails: answer.StatusDetails ?? '', responseCode: answer.ResponseCode ?? -1,
        elapsed: duration(answer.ExecutionElapsedTime),
        stdout: answer.StandardOutputContent ?? '', stderr: answer.StandardErrorContent ?? '',
      }
    },
    async cancel(id, commandId, signal) {
      await call('CancelCommand', 'read', 'CONNECTION_LOST', signal, () =>
        client.send(new sdk.CancelCommandCommand({ CommandId: commandId, InstanceIds: [id] }), { abortSignal: signal }))
    },
  }
}

/**
 * A refusal for the rate of requests is always tried again. After a failure of the network 'read' and 'poll' are, 'once' is not: nobody knows
 * whether the command runs. 'poll' goes on until its signal says stop, since the command goes on too.
 */
export function callWith(clock: Clock) {
  return async <Answer>(operation: Operation, repeat: 'once' | 'read' | 'poll', fallback: ErrorCode, signal: AbortSignal, send: () => Promise<Answer>): Promise<Answer> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        signal.throwIfAborted()
        const again = isThrottling(error) || (repeat !== 'once' && isTransient(error))
        if (!again || (repeat !== 'poll' && attempt + 1 >= attempts)) throw toTransportError(error, operation, fallback)
        await clock.pause(retryDelay(Math.min(attempt, 6), clock.random(), describeFailure(error).retryAfter), signal)
      }
    }
  }
}

function unlessInvisible(error: unknown): undefined {
  if (describeFailure(error).name === 'InvocationDoesNotExist') return undefined
  throw error
}

/** ISO 8601, as the service writes it: PT1H2M3.456S. */
export function duration(text: string | undefined): number | undefined {
  const match = /^P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(text ?? '')
  if (match === null) return undefined
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0))
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000
}
