// The calls for many nodes at once: one SendCommand for fifty, one list for all that they answered.
import type { Aws, Clock, CommandRequest, NodeInformation } from './aws.js'
import { callWith } from './aws.js'

/** Nodes by id, at most fifty, or by tags. */
export type Recipients = { readonly ids: readonly string[] } | Tagged

export interface Tagged {
  readonly tags: Readonly<Record<string, string>>
  readonly maxConcurrency: string
  readonly maxErrors: string
}

/** One row of a list: what a node has answered so far. */
export interface FleetRow {
  readonly node: string
  readonly status: string
  readonly statusDetails: string
  readonly responseCode: number
  /** stdout, and stderr behind a line of its own; cut at 2,500 characters. */
  readonly output: string
}

export interface FleetApi {
  describeNodes(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, NodeInformation>>
  sendToMany(to: Recipients, request: CommandRequest, signal: AbortSignal): Promise<string>
  /** All rows of a command. */
  rows(commandId: string, signal: AbortSignal): Promise<readonly FleetRow[]>
  /** How many nodes a command goes to; undefined while the service is still looking for them. */
  targetCount(commandId: string, signal: AbortSignal): Promise<number | undefined>
  cancelAll(commandId: string, signal: AbortSignal): Promise<void>
}

export function createFleetApi({ sdk, client }: Aws, clock: Clock): FleetApi {
  const call = callWith(clock)
  return {
    async describeNodes(ids, signal) {
      const found = new Map<string, NodeInformation>()
      let token: string | undefined
      do {
        const page = token === undefined ? {} : { NextToken: token }
        const input = { Filters: [{ Key: 'InstanceIds', Values: [...ids] }], MaxResults: 50, ...page }
        const answer = await call('DescribeInstanceInformation', 'read', 'CONNECT_FAILED', signal, () =>
          client.send(new sdk.DescribeInstanceInformationCommand(input), { abortSignal: signal }))
        for (const node of answer.InstanceInformationList ?? []) {
          found.set(node.InstanceId ?? '', {
            pingStatus: node.PingStatus ?? '', platformType: node.PlatformType ?? '', platformName: node.PlatformName ?? '',
            platformVersion: node.PlatformVersion ?? '', agentVersion: node.AgentVersion ?? '',
          })
        }
        token = answer.NextToken
      } while (token !== undefined && token !== '')
      return found
    },
    sendToMany(to, { text, deliverySeconds, executionSeconds, comment }, signal) {
      const recipients = 'ids' in to
        ? { InstanceIds: [...to.ids], MaxConcurrency: '50' }
        : { Targets: Object.entries(to.tags).map(([name, value]) => ({ Key: `tag:${name}`, Values: [value] })), MaxConcurrency: to.maxConcurrency }
      // By default the service would stop after the first node that fails.
      const input = {
        DocumentName: 'AWS-RunShellScript', TimeoutSeconds: deliverySeconds, Comment: comment, ...recipients, MaxErrors: 'ids' in to ? '100%' : to.maxErrors,
        Parameters: { commands: [text], executionTimeout: [String(executionSeconds)] },
      }
      return call('SendCommand', 'once', 'CONNECTION_LOST', signal, async () => (await client.send(new sdk.SendCommandCommand(input))).Command?.CommandId ?? '')
    },
    async rows(commandId, signal) {
      const rows: FleetRow[] = []
      let token: string | undefined
      do {
        const page = token === undefined ? {} : { NextToken: token }
        const answer = await call('ListCommandInvocations', 'poll', 'CONNECTION_LOST', signal, () =>
          client.send(new sdk.ListCommandInvocationsCommand({ CommandId: commandId, Details: true, MaxResults: 50, ...page }), { abortSignal: signal }))
        for (const { InstanceId, Status, StatusDetails, CommandPlugins } of answer.CommandInvocations ?? []) {
          const plugin = CommandPlugins?.[0]
          rows.push({
            node: InstanceId ?? '', status: Status ?? '', statusDetails: StatusDetails ?? '',
            responseCode: plugin?.ResponseCode ?? -1, output: plugin?.Output ?? '',
          })
        }
        token = answer.NextToken
      } while (token !== undefined && token !== '')
      return rows
    },
    async targetCount(commandId, signal) {
      const answer = await call('ListCommands', 'poll', 'CONNECTION_LOST', signal, () => client.send(new sdk.ListCommandsCommand({ CommandId: commandId }), { abortSignal: signal }))
      const command = answer.Commands?.[0]
      const over = /^(Success|Failed|Cancelled|TimedOut)$/.test(command?.Status ?? '')
      return (command?.TargetCount ?? 0) > 0 || over ? (command?.TargetCount ?? 0) : undefined
    },
    async cancelAll(commandId, signal) {
      await call('CancelCommand', 'read', 'CONNECTION_LOST', signal, () => client.send(new sdk.CancelCommandCommand({ CommandId: commandId }), { abortSignal: signal }))
    },
  }
}
